namespace WinLayers.Formats.Tar;

/// <summary>The content of one entry of a tar: the body of its member, then those of the streams that follow it.</summary>
internal sealed class TarEntryContent(LayerTarReader reader, Stream data) : EntryContent
{
    public override Stream Data => data;

    public override AlternateStream? NextStream() => reader.NextStream(this);
}

/// <summary>The body of one member, read straight from the tar. It can be read once, until the reader moves on.</summary>
internal sealed class TarBodyStream(TarMemberReader members) : Stream
{
    private readonly int _generation = members.Generation;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length { get; } = members.Current.Size;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_generation != members.Generation)
            throw new InvalidOperationException("The tar's reader has moved on; an entry's content is read before the next one.");
        int read = members.ReadBody(buffer);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int ReadByte()
    {
        byte b = 0;
        return Read(new Span<byte>(ref b)) == 0 ? -1 : b;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
