using System.Buffers;

namespace WinLayers.Formats.Tar;

/// <summary>The tar's bytes on their way out, gathered so that headers cost no call each.</summary>
internal sealed class TarOutput(Stream stream) : IDisposable
{
    private const int BufferSize = 128 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _used;

    /// <summary>Bytes written so far, gathered ones included.</summary>
    public long Position { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(Room(), bytes.Length);
            bytes[..count].CopyTo(_buffer.AsSpan(_used));
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Writes so many bytes of the source, which are all it has.</summary>
    /// <exception cref="EndOfStreamException">The source ends before; what came is written.</exception>
    /// <exception cref="IOException">The source goes on: its header says too little, and what follows would be lost.</exception>
    public void Copy(Stream source, long count)
    {
        while (count > 0)
        {
            int room = (int)Math.Min(Room(), count);
            int read = source.Read(_buffer.AsSpan(_used, room));
            if (read == 0)
                throw new EndOfStreamException($"The content ends {count} bytes before its length.");
            Advance(read);
            count -= read;
        }

        Span<byte> rest = stackalloc byte[1];
        if (source.Read(rest) > 0)
            throw new IOException("The content goes on after its length.");
    }

    /// <summary>Fills the last block up.</summary>
    public void Pad()
    {
        Span<byte> zeros = stackalloc byte[TarHeader.BlockSize];
        zeros.Clear();
        Write(zeros[..(int)(-Position & (TarHeader.BlockSize - 1))]);
    }

    public void Flush()
    {
        stream.Write(_buffer.AsSpan(0, _used));
        _used = 0;
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private int Room()
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        if (_used == _buffer.Length)
            Flush();
        return _buffer.Length - _used;
    }

    private void Advance(int count)
    {
        _used += count;
        Position += count;
    }
}
