using WinLayers.Formats.IO;

namespace WinLayers.Transport;

/// <summary>Bytes of a file that stand somewhere in another.</summary>
/// <param name="Offset">Where they stand in the file that they make.</param>
/// <param name="Position">Where they are kept.</param>
/// <param name="Length">How many they are.</param>
internal readonly record struct Extent(long Offset, long Position, long Length);

/// <summary>A file made of extents, with zeros between them; read once, forward. The source stays open and the caller's.</summary>
internal sealed class ExtentStream(Stream source, IReadOnlyList<Extent> extents, long length) : ReadOnlyStream
{
    private int _extent;
    private long _position;

    public override long Length => length;

    public override long Position => _position;

    public override int Read(Span<byte> buffer)
    {
        while (_extent < extents.Count && extents[_extent].Offset + extents[_extent].Length <= _position)
            _extent++;
        Extent next = _extent < extents.Count ? extents[_extent] : new Extent(length, 0, 0);
        if (next.Offset > _position)
        {
            int zeros = (int)Math.Min(buffer.Length, next.Offset - _position);
            buffer[..zeros].Clear();
            _position += zeros;
            return zeros;
        }

        int wanted = (int)Math.Min(buffer.Length, next.Offset + next.Length - _position);
        if (wanted <= 0)
            return 0;
        source.Position = next.Position + (_position - next.Offset);
        int read = source.Read(buffer[..wanted]);
        _position += read;
        return read;
    }
}
