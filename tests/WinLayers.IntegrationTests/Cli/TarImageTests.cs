using System.Diagnostics;
using System.Text.Json;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>Verbs on images that others made, well or badly.</summary>
public sealed class TarImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Lint_LinkToNowhereInAnUpperLayer_IsFoundOverTheImagesOwnLayers()
    {
        string image =
            new TarImage().Layer("Files/", "Files/a", "Hives/").Layer("Files/", "Files/good=>Files/a", "Files/bad=>Files/nowhere")
            .WriteTo(_folder["layout"]);

        CommandResult result = await RunAsync("lint", image, "--json");

        Assert.Equal(1, result.ExitCode);
        using var document = JsonDocument.Parse(result.Output);
        JsonElement error =
            Assert.Single(document.RootElement.GetProperty("layers")[1].GetProperty("findings").EnumerateArray(),
            finding => finding.GetProperty("severity").GetString() == "error");
        Assert.Equal("link-to-nothing", error.GetProperty("rule").GetString());
        Assert.Equal("Files/bad", error.GetProperty("entry").GetString());
    }

    [Fact]
    public async Task Limit_IsWhatALayerMayHave_InUnpackStageAndLint()
    {
        string image = new TarImage().Layer("Files/", "Files/a", "Files/b", "Hives/").WriteTo(_folder["layout"]);

        string refused = (await RunAsync("unpack", image, "--store", _folder["store"], "--limit", "entries=3")).ShouldFail();
        Assert.Contains("[WCL2108]", refused, StringComparison.Ordinal);
        Assert.Contains("--limit", refused, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("lint", image, "--limit", "entries=3")).ExitCode);
        (await RunAsync("unpack", image, "--store", _folder["store"], "--limit", "entries=4", "--limit", "expansion=2000")).ShouldSucceed();
        string[] wrong = ["sizes=3", "entries", "entries=0", "entries=-1", "expansion=9999999999"];
        foreach (string limit in wrong)
            (await RunAsync("unpack", image, "--store", _folder["store"], "--limit", limit)).ShouldBeWrongUsage();
    }

    [Fact]
    public async Task Inspect_ForeignLayer_TellsWhichAndWhere()
    {
        string image = new TarImage().Layer("Files/", "Hives/").Layer("Files/").WriteTo(_folder["layout"], "https://example.com/base");

        CommandResult result = await RunAsync("inspect", image);

        Assert.Contains(result.ShouldSucceed().OutputLines,
            line => line.StartsWith("Foreign", StringComparison.Ordinal)
            && line.EndsWith(" from https://example.com/base", StringComparison.Ordinal));
        Assert.Contains("Windows Server 2022", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_FolderOfWindows_TellsWhatItsUtilityVmLacks()
    {
        string boot = Path.Combine(_folder["layer"], "UtilityVM", "Files", "EFI", "Microsoft", "Boot");
        Directory.CreateDirectory(Path.Combine(_folder["layer"], "Files"));
        Directory.CreateDirectory(boot);
        foreach ((string file, string detail) in new[] { (Path.Combine(boot, "bootmgfw.efi"), "bootmgfw.efi"),
            (Path.Combine(_folder["layer"], "UtilityVM", "SystemTemplate.vhdx"), "SystemTemplate.vhdx") })
        {
            JsonElement lacking =
                (await RunAsync("inspect", _folder["layer"], "--json")).Json.GetProperty("contents").GetProperty("utilityVm");
            Assert.False(lacking.GetProperty("isBootable").GetBoolean());
            Assert.EndsWith(detail, lacking.GetProperty("detail").GetString(), StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);
        }

        JsonElement layer = (await RunAsync("inspect", _folder["layer"], "--json")).Json.GetProperty("contents");
        Assert.True(layer.GetProperty("utilityVm").GetProperty("isBootable").GetBoolean());
        Assert.Equal("windows", layer.GetProperty("host").GetString());
        Assert.Equal((1, 1), (layer.GetProperty("files").GetInt32(), layer.GetProperty("bytes").GetInt32()));
        Assert.Contains("[WCL1905]", (await RunAsync("inspect", boot)).ShouldFail(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_WithNoColor_HasNoEscapeCodesOnATerminal()
    {
        if (!File.Exists("/usr/bin/script"))
            Assert.Skip("no 'script', which runs a program on a terminal");
        string program = WinLayersCommand.Program;

        string coloured = await OnTerminalAsync($"'{program}' inspect sample:; '{program}' unpack sample:");
        string plain = await OnTerminalAsync($"NO_COLOR=1 '{program}' inspect sample:; NO_COLOR=1 '{program}' --help");

        Assert.Contains("\u001b[", coloured, StringComparison.Ordinal);
        Assert.DoesNotMatch("\u001b\\[[0-9;]*m", plain);
    }

    [Theory]
    [InlineData("Files/a\u202egpj.exe", "\u202e")]
    [InlineData("Files/b\u2066x", "\u2066")]
    [InlineData("Files/c\u200fx", "\u200f")]
    public async Task Ls_NameThatTurnsTheLineAround_IsShownEscaped(string name, string hostile)
    {
        string image = new TarImage().Layer("Files/", name, "Hives/").WriteTo(_folder["layout"]);

        CommandResult result = await RunAsync("ls", image, "/", "--long");

        Assert.DoesNotContain(hostile, result.ShouldSucceed().Output, StringComparison.Ordinal);
        Assert.Contains($"\\u{{{(int)hostile[0]:X}}}", result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(name, (await RunAsync("ls", image, "/", "--json")).Json.GetProperty("files")[0].GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("Files/x\u001b[31mred")]
    [InlineData("Files/x\rover")]
    [InlineData("Files/x\u009b31m")]
    public async Task Ls_NameThatDrivesTheTerminal_IsNeverPrinted(string name)
    {
        string image = new TarImage().Layer("Files/", name, "Hives/").WriteTo(_folder["layout"]);

        CommandResult result = await RunAsync("ls", image, "/");

        Assert.DoesNotContain(result.Output + result.Error, c => char.IsControl(c) && c != '\n');
        Assert.Contains("Files/x", result.ExitCode == 0 ? "Files/" + result.Output : result.Error, StringComparison.Ordinal);
    }

    private async Task<string> OnTerminalAsync(string commands)
    {
        var start = new ProcessStartInfo("/usr/bin/script")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true
        };
        foreach (string argument in new[] { "-qec", commands, "/dev/null" })
            start.ArgumentList.Add(argument);
        start.Environment["WINLAYERS_STORE"] = _folder["store"];
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        using Process terminal = Process.Start(start)!;
        CommandResult result = await WinLayersCommand.FinishAsync(
            terminal, terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
                terminal.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        return result.ShouldSucceed().Output;
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => WinLayersCommand.RunAsync(
        arguments, _folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] });
}
