using System.Net;
using System.Net.Http.Headers;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Registries.Blobs;

/// <summary>An answer that carries a blob's bytes, from the offset asked for or, where the server ignores ranges, from its start.</summary>
internal sealed class BlobAnswer : IDisposable
{
    private readonly HttpResponseMessage _response;

    private BlobAnswer(HttpResponseMessage response, long startsAt)
    {
        _response = response;
        StartsAt = startsAt;
    }

    /// <summary>The offset of the first byte in the body.</summary>
    public long StartsAt { get; }

    /// <summary>What If-Range can name: a strong entity tag, or null.</summary>
    public string? EntityTag => _response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : null;

    /// <summary>The body.</summary>
    public Task<Stream> OpenAsync(CancellationToken cancellationToken) => _response.Content.ReadAsStreamAsync(cancellationToken);

    /// <summary>
    /// The headers that ask for the bytes from an offset on; with the tag of an earlier part, only if the blob is still that one.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, string>> RangeHeaders(long offset, string? entityTag)
    {
        if (offset == 0)
            return [];
        var range = KeyValuePair.Create("Range", $"bytes={offset}-");
        return entityTag is null ? [range] : [range, KeyValuePair.Create("If-Range", entityTag)];
    }

    /// <summary>Checks what the answer says of itself against the blob. Takes the response over, also when it throws.</summary>
    public static BlobAnswer Check(HttpResponseMessage response, RegistryCall call, Descriptor blob, long offset)
    {
        try
        {
            return new BlobAnswer(response, StartOf(response, call, blob, offset));
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public void Dispose() => _response.Dispose();

    private static long StartOf(HttpResponseMessage response, RegistryCall call, Descriptor blob, long offset)
    {
        long start = 0;
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
            if (range?.From != offset || (range.HasLength && range.Length != blob.Size) || (range.To is { } to && to >= blob.Size))
                throw new RegistryProtocolException(call,
                    $"it answers with the range '{range}' to a request for the bytes from {offset} on, of {blob.Size}");
            start = offset;
        }
        else if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new RegistryProtocolException(call,
                $"it answers {(int)response.StatusCode} to a request for bytes")
            { Status = response.StatusCode };
        }

        if (response.Content.Headers.ContentEncoding.Count > 0)
            throw new RegistryProtocolException(call, "it sends the blob under a content encoding that was not asked for");
        long expected = blob.Size - start;
        bool isShorterPart = start > 0 && response.Content.Headers.ContentLength < expected;
        if (response.Content.Headers.ContentLength is { } length && length != expected && !isShorterPart)
            throw new RegistryProtocolException(call, $"it has {length + start} bytes for a blob that the manifest gives {blob.Size}");
        return start;
    }
}
