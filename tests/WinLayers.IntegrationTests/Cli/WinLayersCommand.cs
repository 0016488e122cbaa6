using System.Diagnostics;
using System.Text;
using System.Text.Json;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>Runs the built command as a process of its own, as a user would.</summary>
internal static class WinLayersCommand
{
    private static readonly TimeSpan ProcessorTime = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The command's program: the published one that WINLAYERS_TEST_COMMAND names, or else the one that was built beside the tests.
    /// </summary>
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("WINLAYERS_TEST_COMMAND") is { Length: > 0 } published ? published
        : Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "WinLayers.Cli.exe" : "WinLayers.Cli");

    public static Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(arguments, workingFolder: null);

    public static async Task<CommandResult> RunAsync(
        string[] arguments, string? workingFolder = null, IReadOnlyDictionary<string, string>? environment = null, string input = "")
    {
        using Process process = Start(arguments, workingFolder, environment, input);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        return await FinishAsync(process, output, error);
    }

    /// <summary>Runs another program, such as a shell that sets a limit, with what the command would get.</summary>
    public static async Task<CommandResult> RunProgramAsync(
        string program, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        using Process process = StartProgram(program, arguments, workingFolder: null, environment, input: "");
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        return await FinishAsync(process, output, error);
    }

    /// <summary>
    /// Waits for a process that was started with <see cref="Start"/>; one that takes too much is ended and fails the test.
    /// </summary>
    public static async Task<CommandResult> FinishAsync(Process process, Task<string> output, Task<string> error)
    {
        await ProcessPatience.WaitForExitAsync(process, ProcessorTime);
        return new CommandResult(process.ExitCode, await output, await error);
    }

    public static Process Start(
        string[] arguments, string? workingFolder, IReadOnlyDictionary<string, string>? environment, string input = "") =>
        StartProgram(Program, arguments, workingFolder, environment, input);

    private static Process StartProgram(
        string program, string[] arguments, string? workingFolder, IReadOnlyDictionary<string, string>? environment, string input)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = workingFolder ?? Path.GetTempPath(),
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process;
    }
}

/// <summary>What a run of the command left.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Standard output as the one JSON document that it must be.</summary>
    public JsonElement Json
    {
        get
        {
            ShouldSucceed();
            using var document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    public CommandResult ShouldSucceed()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Error}\n{Output}");
        return this;
    }

    /// <summary>Refused or failed: exit code 1, nothing on stdout, exactly one line on stderr.</summary>
    public string ShouldFail()
    {
        Assert.True(ExitCode == 1, $"exit code {ExitCode}\n{Error}\n{Output}");
        Assert.Equal("", Output);
        string line = Assert.Single(ErrorLines);
        Assert.StartsWith("winlayers: ", line, StringComparison.Ordinal);
        return line;
    }

    /// <summary>Wrong usage: exit code 2, nothing on stdout, one line that leads to the help.</summary>
    public string ShouldBeWrongUsage()
    {
        Assert.True(ExitCode == 2, $"exit code {ExitCode}\n{Error}\n{Output}");
        Assert.Equal("", Output);
        string line = Assert.Single(ErrorLines);
        Assert.Contains("--help'", line, StringComparison.Ordinal);
        return line;
    }
}
