using System.Runtime.InteropServices;

namespace WinLayers.Cli.Frame;

/// <summary>
/// Turns Ctrl-C and SIGTERM into a cancelled token, so that work in flight is cleaned up. A second signal ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _onFirst;
    private int _exitCode;

    /// <summary>Listens for signals; <paramref name="onFirst"/> is told of the first.</summary>
    public Interruption(Action onFirst)
    {
        _onFirst = onFirst;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, Frame.ExitCode.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, Frame.ExitCode.Terminated)),
        ];
    }

    public CancellationToken Token => _source.Token;

    /// <summary>The exit code that the signal asks for.</summary>
    public int ExitCode => _exitCode;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context, int exitCode)
    {
        // Left to its default, the second signal ends the process; the store is crash-safe, so nothing is lost but time.
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) != 0)
            return;
        context.Cancel = true;
        _onFirst();
        // Callbacks of the token may do work; the signal's thread must not wait for it.
        _ = _source.CancelAsync();
    }
}
