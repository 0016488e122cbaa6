namespace WinLayers.Testing;

/// <summary>Gives its bytes out a few at a time, as a slow connection may: one by default.</summary>
public sealed class TrickleStream(byte[] bytes, int atMost = 1) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether the end was asked for and given.</summary>
    public bool ReachedEnd { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(Math.Min(atMost, buffer.Length), bytes.Length - _position);
        bytes.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        ReachedEnd |= count == 0 && buffer.Length > 0;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
