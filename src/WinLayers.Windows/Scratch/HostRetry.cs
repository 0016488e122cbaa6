using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Scratch;

/// <summary>Repeats a call that fails for a moment under load: for sharing, busy and not-ready codes alone.</summary>
internal sealed class HostRetry(TimeProvider time)
{
    private const int Attempts = 5;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    internal async Task RunAsync(Action call, CancellationToken cancellationToken)
    {
        TimeSpan delay = FirstDelay;
        for (int attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                call();
                return;
            }
            catch (HostCallException e) when (attempt < Attempts && IsPassing(e.ErrorCode))
            {
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
                delay *= 2;
            }
        }
    }

    private static bool IsPassing(int code) =>
        code is HResult.SharingViolation or HResult.LockViolation or HResult.Busy or HResult.NotReady;
}
