using System.Buffers;

namespace WinLayers.Unpacking.Pipeline;

/// <summary>The consuming end of a <see cref="BufferQueue"/> as a stream. Disposing it before the end stops the producer.</summary>
internal sealed class QueueStream(BufferQueue queue) : Stream
{
    private ArraySegment<byte> _current;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || (_current.Count == 0 && !Refill()))
            return 0;
        int count = Math.Min(buffer.Length, _current.Count);
        _current.AsSpan(0, count).CopyTo(buffer);
        _current = _current[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended)
        {
            _ended = true;
            Return();
            queue.Abandon();
        }

        base.Dispose(disposing);
    }

    private bool Refill()
    {
        Return();
        if (_ended || !queue.TryTake(out _current))
        {
            _ended = true;
            return false;
        }

        return true;
    }

    private void Return()
    {
        if (_current.Array is { } array)
            ArrayPool<byte>.Shared.Return(array);
        _current = default;
    }
}
