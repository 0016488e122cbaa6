using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using WinLayers.Formats;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Blobs;

/// <summary>
/// Sends one blob: a small one whole, with a single PUT; a large one in pieces. After a broken piece the registry is asked how much it
/// has, and the rest of the piece follows.
/// The content is verified before the last request, which is the one that stores the blob.
/// </summary>
internal sealed partial class BlobUpload(
    RegistryTransport transport, RegistryEndpoint endpoint, string repository, Descriptor blob, RegistryOptions options, ILogger logger)
{
    private const int LargestChunk = 256 << 20;
    private const int MaxRestarts = 2;

    // Of what has been handed over, megabytes may still lie in the system's buffers before a slow line.
    private const int PieceAnswers = 5;

    private readonly RegistryCall _call = new(endpoint.Name, repository, $"upload blob {blob.Digest}");
    private readonly IReadOnlyList<string> _scopes = [RegistryScope.PullPush(endpoint.Repository(repository))];
    private int _chunkBytes = options.UploadChunkBytes;
    private BlobCommit? _commit;

    private BlobCommit Commit => _commit ??= new BlobCommit(
        transport, endpoint, Request(HttpMethod.Head, endpoint.UriOf(repository, $"blobs/{blob.Digest}")), blob, options, logger);

    /// <summary>Where an upload that a mount turned into continues, when there is one.</summary>
    public Uri? Session { get; init; }

    /// <summary>Sends the content, from where it stands.</summary>
    public async Task RunAsync(Stream content, CancellationToken cancellationToken)
    {
        if (blob.Size <= options.UploadChunkBytes)
        {
            await SendWholeAsync(content, cancellationToken).ConfigureAwait(false);
            return;
        }

        long start = content.CanSeek ? content.Position : 0;
        Uri? session = Session;
        for (int restarts = 0; ; restarts++)
        {
            try
            {
                await SendInPiecesAsync(content, session, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RegistryException e) when (
                e is RegistryNotFoundException or RegistryProtocolException && content.CanSeek && restarts < MaxRestarts)
            {
                if (await Commit.IsStoredAfterAllAsync(cancellationToken).ConfigureAwait(false))
                    return;
                LogStartingOver(logger, e.Message);
                content.Position = start;
                session = null;
            }
        }
    }

    /// <summary>
    /// Asks the registry to take the blob from another of its repositories. True: it has; else the upload that it began instead, if any.
    /// </summary>
    public async Task<(bool Mounted, Uri? Session)> MountAsync(string fromRepository, CancellationToken cancellationToken)
    {
        RegistryRequest request = Request(
            HttpMethod.Post,
            endpoint.UriOf(repository,
                $"blobs/uploads/?mount={Uri.EscapeDataString(blob.Digest.ToString())}&from={Uri.EscapeDataString(fromRepository)}")) with
        {
            Call = _call with { Operation = $"mount blob {blob.Digest} from {fromRepository}" },
            Scopes = [.. _scopes, RegistryScope.Pull(fromRepository)],
        };
        return await transport.ExecuteAsync(
            request,
            (response, _) =>
                Task.FromResult(
                response.StatusCode == HttpStatusCode.Created ? (true, (Uri?)null) : (false, PlaceOf(response, request.Uri))),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task SendWholeAsync(Stream content, CancellationToken cancellationToken)
    {
        using var chunk = new ChunkBuffer(checked((int)blob.Size + 1));
        var verified = new VerifyingStream(content, blob, leaveOpen: true);
        await using (verified.ConfigureAwait(false))
            await chunk.FillAsync(verified, start: 0, cancellationToken).ConfigureAwait(false);

        Uri? session = Session;
        await Commit.RunAsync(
            async token =>
            {
                Uri place = session
                    ?? await transport.ExecuteOnceAsync(StartRequest(), (response, _) => Task.FromResult(Started(response)), token)
                    .ConfigureAwait(false);
                session = null; // A place is used once: after a failure nobody knows what it holds.
                return PutRequest(place, chunk.From(0));
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task SendInPiecesAsync(Stream content, Uri? session, CancellationToken cancellationToken)
    {
        Uri place = session
            ?? await transport.ExecuteAsync(StartRequest(), (response, _) => Task.FromResult(Started(response)), cancellationToken)
            .ConfigureAwait(false);
        try
        {
            var verified = new VerifyingStream(content, blob, leaveOpen: true);
            await using (verified.ConfigureAwait(false))
            {
                // From one registry to another both ways are busy at once: the next piece comes while this one goes.
                using ChunkBuffer first = new(_chunkBytes), second = new(_chunkBytes);
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                (ChunkBuffer sent, ChunkBuffer read) = (first, second);
                await sent.FillAsync(verified, start: 0, cancellationToken).ConfigureAwait(false);
                while (sent.Length > 0)
                {
                    Task reading = read.FillAsync(verified, sent.End, stop.Token);
                    try
                    {
                        place = await SendPieceAsync(place, sent, cancellationToken).ConfigureAwait(false);
                    }
                    catch
                    {
                        // Nobody may read on in a content that is set back, or into a buffer that is given back.
                        await stop.CancelAsync().ConfigureAwait(false);
                        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        throw;
                    }

                    await reading.ConfigureAwait(false);
                    (sent, read) = (read, sent);
                }
            }

            await Commit.RunAsync(_ => Task.FromResult(PutRequest(place, ReadOnlyMemory<byte>.Empty)), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (WinLayersException e) when (e is DigestMismatchException or SizeMismatchException)
        {
            await CancelAsync(place, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<Uri> SendPieceAsync(Uri place, ChunkBuffer chunk, CancellationToken cancellationToken)
    {
        long from = chunk.Start;
        bool isUncertain = false;
        return await transport.RetryFor(endpoint).ExecuteAsync(
            async token =>
            {
                if (isUncertain)
                    (place, from) = await AskStatusAsync(place, chunk, token).ConfigureAwait(false);
                isUncertain = true;
                if (from == chunk.End)
                    return place;
                RegistryRequest request = PatchRequest(place, chunk, from);
                (place, long? kept) =
                    await transport.ExecuteOnceAsync(request, (response, _) => Task.FromResult(Kept(response, request.Uri)), token)
                    .ConfigureAwait(false);
                return kept is null || kept == chunk.End
                    ? place
                    : throw new RegistryUnreachableException(_call, $"it keeps {kept} of {chunk.End} bytes") { IsTransient = true };
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<(Uri Place, long From)> AskStatusAsync(Uri place, ChunkBuffer chunk, CancellationToken cancellationToken)
    {
        RegistryRequest request =
            Request(HttpMethod.Get, place) with { Call = _call with { Operation = $"ask for the state of uploading {blob.Digest}" } };
        (Uri next, long? kept) =
            await transport.ExecuteOnceAsync(request, (response, _) => Task.FromResult(Kept(response, place)), cancellationToken)
            .ConfigureAwait(false);
        long have = kept ?? 0;
        LogGoingOn(logger, have, blob.Digest);
        return have >= chunk.Start && have <= chunk.End
            ? (next, have)
            : throw new RegistryProtocolException(_call, $"it says it has {have} bytes, after it had acknowledged {chunk.Start}");
    }

    private async Task CancelAsync(Uri place, CancellationToken cancellationToken)
    {
        try
        {
            await transport.ExecuteOnceAsync(Request(HttpMethod.Delete, place), static (_, _) => Task.FromResult(true), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (RegistryException e)
        {
            LogNotCancelled(logger, e.Message); // The registry forgets it in time.
        }
    }

    private RegistryRequest Request(HttpMethod method, Uri uri) => new()
    {
        Call = _call,
        Endpoint = endpoint,
        Method = method,
        Uri = uri,
        Scopes = _scopes,
    };

    private RegistryRequest StartRequest() => Request(HttpMethod.Post, endpoint.UriOf(repository, "blobs/uploads/"));

    private RegistryRequest PutRequest(Uri place, ReadOnlyMemory<byte> content)
    {
        string separator = place.Query.Length == 0 ? "?" : "&";
        return Request(HttpMethod.Put, new Uri($"{place.AbsoluteUri}{separator}digest={Uri.EscapeDataString(blob.Digest.ToString())}")) with
        {
            Content = () => new WatchedContent(content),
            AnswerLimit = options.CommitTimeout,
        };
    }

    private RegistryRequest PatchRequest(Uri place, ChunkBuffer chunk, long from) => Request(HttpMethod.Patch, place) with
    {
        Content = () =>
        {
            var body = new WatchedContent(chunk.From(from));

            // The specification's form, which is not HTTP's: no unit, no total.
            body.Headers.TryAddWithoutValidation("Content-Range", $"{from}-{chunk.End - 1}");
            return body;
        },
        AnswerLimit = options.ResponseTimeout * PieceAnswers,
    };

    private Uri Started(HttpResponseMessage response)
    {
        if (response.Headers.TryGetValues("OCI-Chunk-Min-Length", out IEnumerable<string>? values)
            && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out int least))
        {
            _chunkBytes = Math.Max(_chunkBytes, Math.Min(least, LargestChunk));
        }

        return PlaceOf(response, endpoint.Origin);
    }

    private (Uri Place, long? Kept) Kept(HttpResponseMessage response, Uri current)
    {
        Uri place = response.Headers.Location is null ? current : PlaceOf(response, current);
        if (!response.Headers.TryGetValues("Range", out IEnumerable<string>? values))
            return (place, null);

        // "0-1023", from some "bytes=0-1023". "0-0" is what registries say of an upload that is still empty.
        string range = values.First().Replace("bytes=", "", StringComparison.OrdinalIgnoreCase);
        if (!range.StartsWith("0-", StringComparison.Ordinal)
            || !long.TryParse(range.AsSpan(2), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long last))
            throw new RegistryProtocolException(_call, "the range that it says it has cannot be read");
        return (place, last <= 0 ? 0 : last + 1);
    }

    private Uri PlaceOf(HttpResponseMessage response, Uri current)
    {
        Uri place = RedirectFollower.Next(_call, current, response.Headers.Location);
        return place.Scheme == Uri.UriSchemeHttp && endpoint.Origin.Scheme == Uri.UriSchemeHttps && !options.AllowHttpUrls
            ? throw new RegistryProtocolException(_call,
                $"it sends the upload to http://{place.Authority}, without TLS; a proxy before it may not tell it of TLS")
            : place;
    }

    [LoggerMessage(LogLevel.Warning, "{Problem} The upload starts over.")]
    private static partial void LogStartingOver(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Information, "The registry has {Kept} bytes of {Blob}; the upload goes on from there.")]
    private static partial void LogGoingOn(ILogger logger, long kept, Digest blob);

    [LoggerMessage(LogLevel.Debug, "The unfinished upload could not be cancelled: {Problem}")]
    private static partial void LogNotCancelled(ILogger logger, string problem);
}
