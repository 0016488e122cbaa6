using System.Buffers;

namespace WinLayers.Formats.Tar;

/// <summary>The tar's bytes in order: blocks out of a buffer of its own, bodies past it where they are large.</summary>
internal sealed class TarInput(Stream stream) : IDisposable
{
    private const int BufferSize = 128 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    /// <summary>Takes a block; valid until the next call. Fewer bytes than a block where the stream ends, none at its end.</summary>
    public ReadOnlySpan<byte> TakeBlock()
    {
        if (_end - _start < TarHeader.BlockSize)
            Fill(TarHeader.BlockSize);
        int count = Math.Min(_end - _start, TarHeader.BlockSize);
        ReadOnlySpan<byte> block = _buffer.AsSpan(_start, count);
        Advance(count);
        return block;
    }

    /// <summary>Reads some bytes, as <see cref="Stream.Read(Span{byte})"/> does.</summary>
    public int Read(Span<byte> destination)
    {
        if (_start == _end)
        {
            if (destination.Length >= _buffer.Length / 2)
            {
                int read = stream.Read(destination);
                Position += read;
                return read;
            }

            Fill(1);
        }

        int count = Math.Min(_end - _start, destination.Length);
        _buffer.AsSpan(_start, count).CopyTo(destination);
        Advance(count);
        return count;
    }

    /// <summary>Reads until the destination is full or the stream ends.</summary>
    public int ReadFully(Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length && Read(destination[total..]) is > 0 and var read)
            total += read;
        return total;
    }

    /// <summary>Passes over so many bytes; false where the stream ends before.</summary>
    public bool TrySkip(long count)
    {
        while (count > _end - _start)
        {
            count -= _end - _start;
            Advance(_end - _start);
            Fill(1);
            if (_start == _end)
                return false;
        }

        Advance((int)count);
        return true;
    }

    /// <summary>Reads to the end of the stream; true where anything but zeros came.</summary>
    public bool Drain()
    {
        bool anything = false;
        do
        {
            anything = anything || _buffer.AsSpan(_start.._end).ContainsAnyExcept((byte)0);
            Advance(_end - _start);
            Fill(1);
        }
        while (_start < _end);
        return anything;
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Advance(int count)
    {
        _start += count;
        Position += count;
    }

    // Makes sure of so many bytes in the buffer, unless the stream ends before.
    private void Fill(int wanted)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        while (_end < wanted && stream.Read(_buffer.AsSpan(_end)) is > 0 and var read)
            _end += read;
    }
}
