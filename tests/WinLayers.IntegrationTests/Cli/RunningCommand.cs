using System.Diagnostics;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>A run of the command that has not ended yet.</summary>
internal sealed class RunningCommand(Process process) : IDisposable
{
    private readonly Task<string> _output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    private readonly Task<string> _error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

    public Process Process => process;

    public Task<CommandResult> FinishAsync() => WinLayersCommand.FinishAsync(process, _output, _error);

    /// <summary>Interrupts it and waits for its end; tells how much of the processor it takes from the signal on.</summary>
    public async Task<(CommandResult Result, TimeSpan ProcessorTime)> InterruptAsync()
    {
        TimeSpan before = ProcessPatience.ProcessorTimeOf(process.Id)!.Value;
        Signals.Interrupt(process);
        TimeSpan whole = await ProcessPatience.WaitForExitAsync(
            process, before + TimeSpan.FromSeconds(30), pause: TimeSpan.FromMilliseconds(5));
        return (await FinishAsync(), whole > before ? whole - before : TimeSpan.Zero);
    }

    /// <summary>Waits for something that the command does on its way; fails the test where it ends before, or does not do it.</summary>
    public async Task WaitForAsync(Func<bool> condition, string what)
    {
        // As long as it does something: 5 minutes of nothing are a standstill.
        TimeSpan taken = TimeSpan.Zero;
        for (int unchanged = 0; unchanged < 6000 && !process.HasExited; unchanged++)
        {
            if (condition())
                return;
            if (unchanged % 20 == 19 && ProcessPatience.ProcessorTimeOf(process.Id) is { } now && now > taken)
                (taken, unchanged) = (now, 0);
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
