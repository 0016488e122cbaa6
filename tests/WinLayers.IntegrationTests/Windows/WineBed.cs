using System.Diagnostics;
using System.Text.Json;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Windows;

/// <summary>What a scenario under Wine came to.</summary>
/// <param name="ExitCode">0 done, 1 failed.</param>
/// <param name="Facts">What it printed.</param>
/// <param name="Calls">What reached the stand-ins.</param>
internal sealed record WineResult(int ExitCode, JsonElement Facts, IReadOnlyList<string> Calls)
{
    public string? this[string fact] => Facts.TryGetProperty(fact, out JsonElement value) ? value.ToString() : null;

    /// <summary>The names of the calls into the Host Compute Service, in order.</summary>
    public IReadOnlyList<string> HostCalls =>
        [.. Calls.Select(call => call.Split(' ')[0])
            .Where(name =>
            char.IsUpper(name[0]) && !name.Contains('.', StringComparison.Ordinal)
            && name is not ("BasicInformation" or "BackupWrite" or "Link" or "NameToGuid"))];

    public void AssertDone() => Assert.True(ExitCode == 0, Facts.ToString());
}

/// <summary>The Wine prefix with the stand-ins and the published programs, made once by eng/wine-testbed.</summary>
public sealed class WineBed : IAsyncLifetime
{
    private static readonly TimeSpan ProcessorTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BuildProcessorTime = TimeSpan.FromMinutes(12);

    private string _bed = "";
    private string _wine = "";

    /// <summary>The command, in the bed.</summary>
    internal static string Command { get; } = Path.Join("cli", "winlayers.exe");

    /// <summary>The folder of the repository.</summary>
    internal static string Repository { get; } = FindRepository();

    /// <summary>The folder of the system's programs' data, as this system has it.</summary>
    internal string ProgramData => Path.Join(_bed, "prefix", "drive_c", "ProgramData");

    /// <summary>Makes the bed, or takes the one that WINLAYERS_WINE_BED names.</summary>
    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows())
            return;
        _wine = ExternalTool.Require("wine64", "wine64", "/usr/lib/wine/wine64");
        ExternalTool.Require("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64");
        if (Environment.GetEnvironmentVariable("WINLAYERS_WINE_BED") is { Length: > 0 } made)
            _bed = made;
        else
            await MakeAsync();

        // Without a server that stays, every program boots the prefix anew, which takes seconds.
        await RunAsync(Server("-p600"), ProcessorTime);
    }

    /// <summary>Ends the prefix's server.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_bed.Length > 0)
            await RunAsync(Server("-k"), ProcessorTime);
    }

    private ProcessStartInfo Server(string argument)
    {
        string program =
            ExternalTool.Require("wineserver64", "wine64", "/usr/lib/wine/wineserver64", "/usr/lib/wine/wineserver", "/usr/bin/wineserver");
        ProcessStartInfo start = new(program) { ArgumentList = { argument } };
        start.Environment["WINEPREFIX"] = Path.Join(_bed, "prefix");
        return start;
    }

    private async Task MakeAsync()
    {
        _bed = Path.Join(Repository, "artifacts", "wine");
        ProcessStartInfo start = new("bash") { ArgumentList = { Path.Join(Repository, "eng", "wine-testbed"), _bed } };
        // The build inside must not take over the settings of the one that runs the tests.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToList())
            start.Environment.Remove(name);
        (int exitCode, string output) = await RunAsync(start, BuildProcessorTime);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>Runs a scenario of the test program, with the failures that the test wants.</summary>
    internal async Task<WineResult> RunAsync(string folder, string? fail, string scenario, params string[] arguments)
    {
        (int exitCode, string output, IReadOnlyList<string> calls) = await RunProgramAsync(
            folder, fail, Path.Join("app", "WinLayers.WineTests.exe"), [scenario, .. arguments]);
        string? json = output.Split('\n').LastOrDefault(line => line.StartsWith('{'));
        Assert.True(json is not null, $"{scenario} printed no result: {output}");
        using JsonDocument facts = JsonDocument.Parse(json);
        return new WineResult(exitCode, facts.RootElement.Clone(), calls);
    }

    /// <summary>Runs the command; what it prints, errors included, is the fact <c>output</c>.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="fail">The failures that the test wants; null for none.</param>
    /// <param name="program">The command, or another program of the bed.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="missing">Libraries that this Windows is to lack, separated by commas; null for none.</param>
    internal async Task<WineResult> RunCommandAsync(
        string folder, string? fail, string program, string[] arguments, string? missing = null)
    {
        (int exitCode, string output, IReadOnlyList<string> calls) = await RunProgramAsync(folder, fail, program, arguments, missing);
        JsonElement facts =
            JsonSerializer.SerializeToElement(new Dictionary<string, string>(StringComparer.Ordinal) { ["output"] = output });
        return new WineResult(exitCode, facts, calls);
    }

    private async Task<(int ExitCode, string Output, IReadOnlyList<string> Calls)> RunProgramAsync(
        string folder, string? fail, string program, string[] arguments, string? missing = null)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Wine stands in for Windows elsewhere.");
        string log = Path.Join(folder, "calls.log");
        File.Delete(log);
        Directory.CreateDirectory(Path.Join(folder, "store"));
        ProcessStartInfo start = new(_wine) { ArgumentList = { Path.Join(_bed, program) } };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument.StartsWith('/') ? ToWindows(argument) : argument);
        start.Environment["WINEPREFIX"] = Path.Join(_bed, "prefix");
        start.Environment["WINEDEBUG"] = "-all";
        start.Environment["WINEARCH"] = "win64";
        start.Environment.Remove("DISPLAY");
        start.Environment.Remove("WINLAYERS_STORE");
        start.Environment["DOTNET_STARTUP_HOOKS"] = ToWindows(Path.Join(_bed, "hook", "WinLayers.Testing.StartupHook.dll"));
        start.Environment["STANDIN_DLL"] = ToWindows(Path.Join(_bed, "hook", "standin.dll"));
        start.Environment["STANDIN_LOG"] = ToWindows(log);
        start.Environment["STANDIN_STORE"] = ToWindows(Path.Join(folder, "store"));
        if (fail is not null)
            start.Environment["STANDIN_FAIL"] = fail;
        if (missing is not null)
            start.Environment["WINEDLLOVERRIDES"] = missing + "=";
        (int exitCode, string output) = await RunAsync(start, ProcessorTime);

        string[] lines = File.Exists(log) ? await File.ReadAllLinesAsync(log) : [];
        Assert.DoesNotContain(lines, line => line.StartsWith("BAD", StringComparison.Ordinal));
        return (exitCode, output, [.. lines.Select(line => line["CALL ".Length..])]);
    }

    /// <summary>A path of this system as a program under Wine sees it.</summary>
    internal static string ToWindows(string path) => "Z:" + path.Replace('/', '\\');

    private static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start, TimeSpan processorTime)
    {
        // Services of the prefix outlive the program and would keep its pipes open: its output goes to a file.
        string output = Path.GetTempFileName();
        ProcessStartInfo shell =
            new("bash") { ArgumentList = { "-c", "\"$@\" >\"$WINE_OUTPUT\" 2>&1 </dev/null", "bash", start.FileName } };
        foreach (string argument in start.ArgumentList)
            shell.ArgumentList.Add(argument);
        foreach (string gone in shell.Environment.Keys.Except(start.Environment.Keys).ToList())
            shell.Environment.Remove(gone);
        foreach ((string name, string? value) in start.Environment)
            shell.Environment[name] = value;
        shell.Environment["WINE_OUTPUT"] = output;
        using Process process = Process.Start(shell)!;
        try
        {
            await ProcessPatience.WaitForExitAsync(process, processorTime);
            return (process.ExitCode, await File.ReadAllTextAsync(output));
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Join(folder.FullName, "WinLayers.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run inside the repository.");
    }
}

/// <summary>Tests that share the Wine prefix, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class WineTests : ICollectionFixture<WineBed>
{
    /// <summary>The collection.</summary>
    public const string Name = "Wine";
}

/// <summary>The base of tests under Wine: a folder for each test.</summary>
[Collection(WineTests.Name)]
public abstract class WineTest : IDisposable
{
    private readonly WineBed _bed;

    private protected WineTest(WineBed bed) => _bed = bed;

    private protected string Folder { get; } = Directory.CreateTempSubdirectory("winlayers-wine-").FullName;

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected string ProgramData => _bed.ProgramData;

    private protected static string Golden(string name) =>
        Path.Join(WineBed.Repository, "tests", "golden", name);

    private protected string At(string name) => Path.Join(Folder, name);

    private protected Task<WineResult> RunAsync(string scenario, params string[] arguments) =>
        _bed.RunAsync(Folder, fail: null, scenario, arguments);

    private protected Task<WineResult> RunFailingAsync(string fail, string scenario, params string[] arguments) =>
        _bed.RunAsync(Folder, fail, scenario, arguments);

    private protected Task<WineResult> CommandAsync(params string[] arguments) =>
        _bed.RunCommandAsync(Folder, fail: null, WineBed.Command, arguments);

    private protected Task<WineResult> FailingCommandAsync(string fail, params string[] arguments) =>
        _bed.RunCommandAsync(Folder, fail, WineBed.Command, arguments);

    /// <summary>The command on a Windows without these libraries.</summary>
    private protected Task<WineResult> CommandWithoutAsync(string missing, params string[] arguments) =>
        _bed.RunCommandAsync(Folder, fail: null, WineBed.Command, arguments, missing);

    /// <summary>samples/Runtime.</summary>
    private protected Task<WineResult> SampleAsync(params string[] arguments) =>
        _bed.RunCommandAsync(Folder, fail: null, Path.Join("runtime", "Runtime.exe"), arguments);

    /// <summary>Unpacks a golden layer and its parents into folders of their names.</summary>
    private protected async Task<WineResult> UnpackAsync(string name, params string[] parents) =>
        await RunAsync("unpack", [Path.Join(Golden(name), "layer.tar"), At(name), .. parents.Select(At)]);
}
