using System.Buffers;
using WinLayers.Formats.IO;

namespace WinLayers.Unpacking.Pipeline;

/// <summary>The consuming end of a <see cref="BufferQueue"/> as a stream. Disposing it before the end stops the producer.</summary>
internal sealed class QueueStream(BufferQueue queue) : ReadOnlyStream
{
    private ArraySegment<byte> _current;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || (_current.Count == 0 && !Refill()))
            return 0;
        int count = Math.Min(buffer.Length, _current.Count);
        _current.AsSpan(0, count).CopyTo(buffer);
        _current = _current[count..];
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The stages of a pipeline are threads; this stream blocks.");

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
