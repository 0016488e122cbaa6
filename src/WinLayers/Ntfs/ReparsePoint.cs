namespace WinLayers.Ntfs;

/// <summary>A reparse point, kept as its REPARSE_DATA_BUFFER.</summary>
public sealed class ReparsePoint
{
    private readonly byte[] _buffer;

    private ReparsePoint(byte[] buffer) => _buffer = buffer;

    /// <summary>The whole REPARSE_DATA_BUFFER.</summary>
    public ReadOnlyMemory<byte> Buffer => _buffer;

    /// <summary>Takes a whole REPARSE_DATA_BUFFER.</summary>
    public static ReparsePoint FromBuffer(ReadOnlySpan<byte> buffer) => new(buffer.ToArray());
}
