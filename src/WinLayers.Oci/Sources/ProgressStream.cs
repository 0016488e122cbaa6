using WinLayers.Formats.IO;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Sources;

/// <summary>
/// Tells how many bytes of a blob have gone by, and stops synchronous reading on cancellation: what reads it may be far from the token.
/// </summary>
internal sealed class ProgressStream(
    Stream inner, Descriptor blob, IProgress<TransferProgress>? progress, CancellationToken cancellationToken = default) : ReadOnlyStream
{
    private long _read;

    // Whoever uploads starts over after a break, where the content allows it.
    public override bool CanSeek => inner.CanSeek;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => _read = inner.Position = value;
    }

    public override long Seek(long offset, SeekOrigin origin) => _read = inner.Seek(offset, origin);

    public override int Read(Span<byte> buffer)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Tell(inner.Read(buffer));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Tell(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private int Tell(int count)
    {
        _read += count;
        if (count > 0)
            progress?.Report(new TransferProgress(blob, TransferState.Moving, _read));
        return count;
    }
}
