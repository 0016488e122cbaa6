using System.Buffers.Binary;

namespace WinLayers.Formats.Hives;

/// <summary>The bytes of the bins, read where they are asked for, with what the logs wrote lying over them.</summary>
/// <remarks>What was handed out stays valid after its piece is dropped: pieces are never reused.</remarks>
internal sealed class HiveBins(Stream stream, long binsLength)
{
    private const int PieceLength = 64 << 10;

    // 32 MiB; the whole hive nearly always.
    private const int MaxPieces = 512;

    private const int SizeLength = sizeof(int);

    private readonly Dictionary<int, byte[]> _pieces = [];
    private readonly Queue<int> _clean = [];
    private readonly HashSet<int> _written = [];
    private readonly long _stored = Math.Max(0, stream.Length - HiveHeader.Length);
    private long _available = Math.Max(0, stream.Length - HiveHeader.Length);

    public long Length { get; private set; } = binsLength;

    /// <summary>The log says how large the bins became.</summary>
    public void SetLength(long length) => Length = length;

    /// <summary>Puts what a log holds over what the file holds.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        _available = Math.Max(_available, offset + bytes.Length);
        while (bytes.Length > 0)
        {
            int index = (int)(offset / PieceLength);
            int start = (int)(offset % PieceLength);
            int count = Math.Min(bytes.Length, PieceLength - start);
            byte[] piece = Piece(index);
            _written.Add(index);
            bytes[..count].CopyTo(piece.AsSpan(start));
            bytes = bytes[count..];
            offset += count;
        }
    }

    /// <summary>The contents of an allocated cell, without its size.</summary>
    public ReadOnlyMemory<byte> Cell(uint offset, string what)
    {
        // A cell's size is a word of its own: it never lies across two pieces.
        if (offset % 8 != 0 || offset + SizeLength > Math.Min(Length, _available))
            throw Refused(what, offset, "lies outside the bins");
        int size = BinaryPrimitives.ReadInt32LittleEndian(Read(offset, SizeLength).Span);
        if (size >= 0)
            throw Refused(what, offset, "is free");
        long length = -(long)size;
        if (length < 2 * SizeLength || offset + length > Math.Min(Length, _available))
            throw Refused(what, offset, $"takes {length} bytes, which do not lie inside the bins");
        return Read(offset + SizeLength, (int)length - SizeLength);
    }

    public static LayerRefusedException Refused(string what, uint offset, string problem) =>
        new(HiveRules.Cell, $"the cell of {what} at 0x{offset:x} {problem}");

    /// <summary>All bins as they are with the logs; what is stored nowhere is zero.</summary>
    public void CopyTo(Span<byte> destination)
    {
        for (int index = 0, done = 0; done < destination.Length; index++)
        {
            int count = Math.Min(PieceLength, destination.Length - done);
            Piece(index).AsSpan(0, count).CopyTo(destination[done..]);
            done += count;
        }
    }

    private ReadOnlyMemory<byte> Read(long offset, int length)
    {
        int index = (int)(offset / PieceLength);
        int start = (int)(offset % PieceLength);
        if (length <= PieceLength - start)
            return Piece(index).AsMemory(start, length);
        byte[] whole = new byte[length];
        for (int done = 0; done < length; start = 0)
        {
            int count = Math.Min(length - done, PieceLength - start);
            Piece(index++).AsSpan(start, count).CopyTo(whole.AsSpan(done));
            done += count;
        }

        return whole;
    }

    private byte[] Piece(int index)
    {
        if (_pieces.TryGetValue(index, out byte[]? piece))
            return piece;
        piece = new byte[PieceLength];
        long offset = (long)index * PieceLength;
        int stored = (int)Math.Clamp(_stored - offset, 0, PieceLength);
        if (stored > 0)
        {
            stream.Position = HiveHeader.Length + offset;
            stream.ReadExactly(piece, 0, stored);
        }

        DropOldest();
        _pieces.Add(index, piece);
        _clean.Enqueue(index);
        return piece;
    }

    private void DropOldest()
    {
        while (_clean.Count >= MaxPieces)
        {
            int oldest = _clean.Dequeue();
            // What a log wrote is nowhere else.
            if (!_written.Contains(oldest))
                _pieces.Remove(oldest);
        }
    }
}
