using System.Diagnostics;
using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Faults;

/// <summary>The command while it runs.</summary>
internal sealed class RunningCommand(Process process) : IDisposable
{
    private readonly Task<string> _output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    private readonly Task<string> _error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

    public Process Process => process;

    public Task<CommandResult> FinishAsync() => WinLayersCommand.FinishAsync(process, _output, _error);

    public void Dispose() => process.Dispose();
}
