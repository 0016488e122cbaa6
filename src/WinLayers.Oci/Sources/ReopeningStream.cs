using WinLayers.Formats.IO;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Sources;

/// <summary>
/// A blob of a source that can be read again from any place: where it is set back, the source is asked anew from there. So whoever sends
/// it on
/// can start over, and nothing is kept for that.
/// </summary>
internal sealed class ReopeningStream : ReadOnlyStream
{
    private readonly IImageSource _source;
    private readonly Descriptor _blob;
    private Stream? _content;
    private long _position;

    private ReopeningStream(IImageSource source, Descriptor blob, Stream content)
    {
        _source = source;
        _blob = blob;
        _content = content;
    }

    public override bool CanSeek => true;

    public override long Length => _blob.Size;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, _blob.Size);
            if (value == _position)
                return;
            _content?.Dispose();
            _content = null;
            _position = value;
        }
    }

    /// <summary>Opens the blob, so that its absence is known now.</summary>
    public static async Task<ReopeningStream> OpenAsync(IImageSource source, Descriptor blob, CancellationToken cancellationToken) =>
        new(source, blob, await source.OpenBlobAsync(blob, offset: 0, cancellationToken).ConfigureAwait(false));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _content ??= await _source.OpenBlobAsync(_blob, _position, cancellationToken).ConfigureAwait(false);
        int count = await _content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _position += count;
        return count;
    }

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("Blobs are sent on asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => _blob.Size + offset,
    };

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _content?.Dispose();
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_content is not null)
            await _content.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
