using System.Diagnostics;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>A program that is run to its end, for what it writes.</summary>
internal sealed class RealClient(string name, string package)
{
    private readonly string _path = ExternalTool.Require(name, package);

    /// <summary>Runs it; fails the test where it fails.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(_path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await ProcessPatience.WaitForExitAsync(process, TimeSpan.FromMinutes(1));
        Assert.True(process.ExitCode == 0, $"{_path} {string.Join(' ', arguments)}: exit code {process.ExitCode}: {await error}");
        return await output;
    }
}
