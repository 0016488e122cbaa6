using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace WinLayers.Portable;

/// <summary>Reads lines of an index file front to back, and single lines by their offset.</summary>
/// <param name="file">The index.</param>
/// <param name="name">Its path, for messages.</param>
/// <param name="bufferBytes">What it starts with; a longer line makes it larger.</param>
internal sealed class LayerIndexLines(SafeFileHandle file, string name, int bufferBytes = LayerIndexLines.LargeBuffer) : IDisposable
{
    /// <summary>For single lines: many layers may be open at once.</summary>
    public const int SmallBuffer = 4 << 10;

    /// <summary>For a way through the whole file.</summary>
    public const int LargeBuffer = 256 << 10;

    // A path takes at most 6 bytes a UTF-16 unit when escaped; metadata is capped at 64 KiB a part; streams come on top.
    private const int MaxLineBytes = 64 << 20;

    private byte[] _buffer = [];
    private long _bufferOffset;
    private int _start;
    private int _end;

    /// <summary>Where the line that was read last starts.</summary>
    public long LineOffset { get; private set; }

    /// <summary>The line that was read last with its end, valid until the next call.</summary>
    public ReadOnlySpan<byte> LineAndEnd => _buffer.AsSpan((int)(LineOffset - _bufferOffset), (int)(Position - LineOffset));

    /// <summary>Where the next line starts.</summary>
    public long Position => _bufferOffset + _start;

    /// <summary>Reads on from an offset.</summary>
    public void Seek(long offset)
    {
        if (offset >= _bufferOffset && offset <= _bufferOffset + _end)
        {
            _start = (int)(offset - _bufferOffset);
            return;
        }

        _bufferOffset = offset;
        _start = _end = 0;
    }

    /// <summary>The next line without its end, valid until the next call; false at the end of the file.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        int searched = _start;
        while (true)
        {
            int found = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                LineOffset = Position;
                line = _buffer.AsMemory(_start, searched + found - _start);
                _start = searched + found + 1;
                return true;
            }

            searched = _end - _start;
            if (!Fill())
            {
                line = default;
                return searched == 0 ? false : throw new LayerIndexException(name, "ends inside a line");
            }
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    // Keeps what is unread, at the front of the buffer.
    private bool Fill()
    {
        int kept = _end - _start;
        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(bufferBytes);
        }
        else if (kept == _buffer.Length)
        {
            if (kept >= MaxLineBytes)
                throw new LayerIndexException(name, $"has a line of more than {MaxLineBytes} bytes");
            byte[] larger = ArrayPool<byte>.Shared.Rent(kept * 2);
            _buffer.AsSpan(_start, kept).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        else
        {
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        }

        _bufferOffset += _start;
        _start = 0;
        _end = kept;
        int read = RandomAccess.Read(file, _buffer.AsSpan(kept), _bufferOffset + kept);
        _end += read;
        return read > 0;
    }
}
