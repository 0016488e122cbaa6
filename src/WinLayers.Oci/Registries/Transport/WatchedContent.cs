using System.Net;
using System.Net.Http.Headers;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>
/// A blob's bytes on their way, handed to the network in small slices: that some go is what shows that a slow line is alive.
/// </summary>
internal sealed class WatchedContent : HttpContent
{
    private const int Slice = 16 << 10;

    private readonly ReadOnlyMemory<byte> _bytes;

    public WatchedContent(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    public int Length => _bytes.Length;

    /// <summary>Called after each slice with the number of bytes that are still to go.</summary>
    public Action<int>? Left { get; set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> rest = _bytes;
        while (rest.Length > 0)
        {
            int count = Math.Min(Slice, rest.Length);
            await stream.WriteAsync(rest[..count], cancellationToken).ConfigureAwait(false);
            rest = rest[count..];
            Left?.Invoke(rest.Length);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _bytes.Length;
        return true;
    }
}
