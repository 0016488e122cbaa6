using System.Diagnostics;

namespace WinLayers.IntegrationTests.Testing;

/// <summary>Runs what <see cref="ExternalTool"/> found.</summary>
internal static class ToolProcess
{
    /// <summary>Runs the tool to its end and gives what it wrote; fails the test where it fails.</summary>
    internal static async Task<string> RunAsync(string path, params string[] arguments)
    {
        ProcessStartInfo start =
            new(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await ProcessPatience.WaitForExitAsync(process, TimeSpan.FromMinutes(2));
        Assert.True(process.ExitCode == 0, $"{path} {string.Join(' ', arguments)}: exit code {process.ExitCode}: {await error}");
        return await output;
    }
}
