using WinLayers.Oci.Digests;

namespace WinLayers.Samples;

/// <summary>Passes written bytes on and computes their digest. What it writes to is not its own.</summary>
internal sealed class HashingWriter(Stream inner) : Stream
{
    private readonly ContentHash _hash = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _hash.Length;

    public override long Position
    {
        get => _hash.Length;
        set => throw new NotSupportedException("The stream only writes forward.");
    }

    /// <summary>The digest of what was written.</summary>
    internal Digest Digest => _hash.Current();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.Append(buffer);
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream only writes.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The stream only writes forward.");

    public override void SetLength(long value) => throw new NotSupportedException("The stream only writes forward.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}
