using WinLayers.Formats.IO;

namespace WinLayers.Formats.Tar;

/// <summary>The content of one entry of a tar: the body of its member, then those of the streams that follow it.</summary>
internal sealed class TarEntryContent(LayerTarReader reader, Stream data) : EntryContent
{
    public override Stream Data => data;

    public override AlternateStream? NextStream() => reader.NextStream(this);
}

/// <summary>The body of one member, read straight from the tar. It can be read once, until the reader moves on.</summary>
internal sealed class TarBodyStream(TarMemberReader members) : ReadOnlyStream
{
    private readonly int _generation = members.Generation;
    private long _position;

    public override long Length { get; } = members.Current.Size;

    public override long Position => _position;

    public override int Read(Span<byte> buffer)
    {
        if (_generation != members.Generation)
            throw new InvalidOperationException("The tar's reader has moved on; an entry's content is read before the next one.");
        int read = members.ReadBody(buffer);
        _position += read;
        return read;
    }
}
