using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Scratch;

/// <summary>Repeats what fails for a moment under load: some codes are worth another try of the call, some of all that led to it.</summary>
internal sealed class HostRetry(TimeProvider time)
{
    /// <summary>How often something is tried altogether.</summary>
    internal const int Attempts = 5;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs a call, and again where somebody held what it needs.</summary>
    internal Task RunAsync(Action call, CancellationToken cancellationToken) => RunAsync(call, IsHeld, cancellationToken);

    /// <summary>Runs a call, and again after the failures that are said to pass.</summary>
    internal async Task RunAsync(Action call, Func<Exception, bool> passes, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                call();
                return;
            }
            catch (Exception e) when (attempt < Attempts && passes(e))
            {
                await WaitAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits before the attempt that follows this one: 100 ms, and twice as long each time.</summary>
    internal Task WaitAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(FirstDelay * (1 << (attempt - 1)), time, cancellationToken);

    /// <summary>Whether a call failed because somebody was at the same thing.</summary>
    internal static bool IsHeld(Exception failure) =>
        failure is HostCallException { ErrorCode: HResult.SharingViolation or HResult.LockViolation or HResult.Busy };

    /// <summary>
    /// Whether mounting failed because a disk that was attached is not there, or not there any more: attached anew, it mostly is.
    /// </summary>
    internal static bool IsDiskGone(Exception failure) =>
        failure is HostCallException { ErrorCode: HResult.NotReady or HResult.DeviceNotConnected };

    /// <summary>Both, for taking back: each step is a call of its own.</summary>
    internal static bool IsPassing(Exception failure) => IsHeld(failure) || IsDiskGone(failure);
}
