using WinLayers.Formats;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Runs something on the network within a time, and names what goes wrong.</summary>
internal static class Deadline
{
    /// <summary>Runs it.</summary>
    /// <exception cref="RegistryUnreachableException">It took too long, or the connection failed.</exception>
    public static Task<T> RunAsync<T>(
        RegistryCall call, TimeSpan limit, TimeProvider clock, Func<CancellationToken, Task<T>> action,
            CancellationToken cancellationToken) =>
        RunAsync(call, limit, clock, (_, token) => action(token), cancellationToken);

    /// <summary>Runs what says on its way how much longer it may take from then on.</summary>
    /// <exception cref="RegistryUnreachableException">It took too long, or the connection failed.</exception>
    public static async Task<T> RunAsync<T>(
        RegistryCall call, TimeSpan limit, TimeProvider clock, Func<Action<TimeSpan>, CancellationToken, Task<T>> action,
            CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await action(Extend, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // The handler's own limit on connecting also surfaces as a cancellation that nobody asked for.
            throw timer.IsCancellationRequested
                ? ResponseFailure.Timeout(call, limit, e)
                : new RegistryUnreachableException(call, "no connection was made in time", e) { IsTransient = true };
        }
        catch (Exception e) when (e is HttpRequestException or IOException and not WinLayersException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ResponseFailure.From(call, e);
        }

        void Extend(TimeSpan next)
        {
            limit = next;
            try
            {
                timer.CancelAfter(next);
            }
            catch (ObjectDisposedException)
            {
                // An answer that came before the body's end: nobody waits any more.
            }
        }
    }
}
