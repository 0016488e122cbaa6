using System.Diagnostics;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>Bars on a narrow terminal, whose rows come one after the other.</summary>
public sealed class BarTests : IDisposable
{
    private const int Width = 60;
    private const string Large = "sample:large?entries=3000&bytes=30000000";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("unpack")]
    [InlineData("lint")]
    [InlineData("verify")]
    [InlineData("copy", "oci:copy")]
    public async Task Bars_FitSixtyColumns_AndLeaveNothingBehind(string verb, params string[] more)
    {
        if (!File.Exists("/usr/bin/script"))
            Assert.Skip("no 'script', which runs a program on a terminal");

        string output = await OnTerminalAsync($"stty cols {Width}; '{WinLayersCommand.Program}' {verb} '{Large}' {string.Join(' ', more)}");

        var screen = new TerminalScreen(Width);
        screen.Write(output);
        Assert.Contains('━', output);
        Assert.DoesNotContain(screen.Wrapped, line => line.Contains('━', StringComparison.Ordinal));
        Assert.DoesNotContain(screen.Lines,
            line => line.Contains('━', StringComparison.Ordinal) || line.StartsWith("all   ", StringComparison.Ordinal)
                || line.StartsWith("layer 0 ", StringComparison.Ordinal));
        // What it takes is said before the first bar.
        Assert.InRange(output.IndexOf("making sample:large", StringComparison.Ordinal), 0, output.IndexOf('━', StringComparison.Ordinal));
        Assert.Contains("3,000 entries", output.ReplaceLineEndings(""), StringComparison.Ordinal);
    }

    private async Task<string> OnTerminalAsync(string commands)
    {
        var start = new ProcessStartInfo("/usr/bin/script")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _folder.Path
        };
        foreach (string argument in (string[])["-qec", commands, "/dev/null"])
            start.ArgumentList.Add(argument);
        start.Environment["WINLAYERS_STORE"] = _folder["store"];
        start.Environment["TERM"] = "xterm-256color";
        using Process terminal = Process.Start(start)!;
        CommandResult result = await WinLayersCommand.FinishAsync(
            terminal, terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
                terminal.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        return result.ShouldSucceed().Output;
    }
}
