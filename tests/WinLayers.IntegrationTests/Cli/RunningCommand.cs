using System.Diagnostics;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>A run of the command that has not ended yet.</summary>
internal sealed class RunningCommand(Process process) : IDisposable
{
    private readonly Task<string> _output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    private readonly Task<string> _error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

    public Process Process => process;

    public Task<CommandResult> FinishAsync() => WinLayersCommand.FinishAsync(process, _output, _error);

    /// <summary>Waits for something that the command does on its way; fails the test where it ends before, or does not do it.</summary>
    public async Task WaitForAsync(Func<bool> condition, string what)
    {
        for (int i = 0; i < 400 && !process.HasExited; i++)
        {
            if (condition())
                return;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"{what} did not happen; {(process.HasExited ? "the command ended: " + await _error : "the command still runs")}");
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
