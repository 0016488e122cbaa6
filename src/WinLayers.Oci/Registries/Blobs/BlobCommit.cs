using System.Net;
using Microsoft.Extensions.Logging;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Blobs;

/// <summary>
/// The last request of an upload, with which the registry stores the blob. Registries may take minutes for it, and whoever stands before
/// them may give up meanwhile: so after a
/// failure the registry is asked whether it has the blob, before anything is sent again.
/// </summary>
/// <param name="transport">What sends.</param>
/// <param name="endpoint">The registry.</param>
/// <param name="question">HEAD for the blob.</param>
/// <param name="blob">The blob.</param>
/// <param name="options">The waits.</param>
/// <param name="logger">Told of what is waited for.</param>
internal sealed partial class BlobCommit(
    RegistryTransport transport, RegistryEndpoint endpoint, RegistryRequest question, Descriptor blob, RegistryOptions options,
        ILogger logger)
{
    private static readonly TimeSpan MaxPatience = TimeSpan.FromMinutes(5);

    private readonly RegistryRequest _question = question with { Expected = [HttpStatusCode.NotFound] };
    private long? _began;
    private bool _isUncertain;

    /// <summary>Stores the blob; <paramref name="put"/> gives the request for each attempt.</summary>
    public async Task RunAsync(Func<CancellationToken, Task<RegistryRequest>> put, CancellationToken cancellationToken)
    {
        try
        {
            await transport.RetryFor(endpoint).ExecuteAsync(
                async token =>
                {
                    if (!await IsStoredAfterAllAsync(token).ConfigureAwait(false))
                        await PutAsync(await put(token).ConfigureAwait(false), token).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (_began is not null)
        {
            // An upload that is gone after a failure may be one that is being stored.
            TimeSpan patience = _isUncertain && !e.IsTransient ? options.TimeProvider.GetElapsedTime(_began.Value) : TimeSpan.Zero;
            if (!await IsStoredSoonAsync(patience < MaxPatience ? patience : MaxPatience, cancellationToken).ConfigureAwait(false))
                throw;
        }
    }

    /// <summary>
    /// Whether the registry has the blob by now, though it could not say so; false, without asking, where it was never told to store it.
    /// </summary>
    public async Task<bool> IsStoredAfterAllAsync(CancellationToken cancellationToken)
    {
        if (_began is null)
            return false;
        try
        {
            return await transport.ExecuteOnceAsync(
                _question,
                (response, _) =>
                    Task.FromResult(response.IsSuccessStatusCode && (response.Content.Headers.ContentLength ?? blob.Size) == blob.Size),
                cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e)
        {
            LogNotAsked(logger, e.Message); // The upload's own failure says more.
            return false;
        }
    }

    private async Task PutAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        _began ??= options.TimeProvider.GetTimestamp();
        try
        {
            await transport.ExecuteOnceAsync(request, static (_, _) => Task.FromResult(true), cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (e is RegistryServerException or RegistryUnreachableException && e.IsTransient)
        {
            _isUncertain = true;
            throw;
        }
    }

    // Sending a large blob again takes longer than asking for a while: as long as it has been waited for already.
    private async Task<bool> IsStoredSoonAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (patience > TimeSpan.Zero)
            LogAsking(logger, blob.Digest, patience.TotalSeconds);
        TimeSpan waited = TimeSpan.Zero;
        for (TimeSpan wait =
            TimeSpan.FromMilliseconds(Math.Max(1, options.RetryDelay.TotalMilliseconds)); !await IsStoredAfterAllAsync(cancellationToken)
            .ConfigureAwait(false); wait *= 2)
        {
            if (waited >= patience)
                return false;
            wait = wait < options.MaxRetryDelay ? wait : options.MaxRetryDelay;
            await Task.Delay(wait, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            waited += wait;
        }

        return true;
    }

    [LoggerMessage(LogLevel.Debug, "Whether the blob is stored could not be asked: {Problem}")]
    private static partial void LogNotAsked(ILogger logger, string problem);

    [LoggerMessage(
        LogLevel.Information, "The upload of {Blob} is gone; the registry is asked for {Seconds:0} s whether it is storing the blob.")]
    private static partial void LogAsking(ILogger logger, Digest blob, double seconds);
}
