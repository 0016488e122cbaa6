using WinLayers.Formats.IO;

namespace WinLayers.Cli.Inputs;

/// <summary>A file that is read to its end: tells how far it is, and stops when the user does.</summary>
internal sealed class WatchedStream(Stream inner, Action<long> report, CancellationToken cancellationToken) : ReadOnlyStream
{
    private long _read;

    public override int Read(Span<byte> buffer)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Count(inner.Read(buffer));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Count(int read)
    {
        _read += read;
        report(_read);
        return read;
    }
}
