using System.Buffers;

namespace WinLayers.Formats.Ntfs.Backup;

/// <summary>The bytes of one backup record: a bounded, forward-only view of the source.</summary>
internal sealed class RecordBody(Stream source, long length, BackupRecordKind kind) : Stream
{
    private const int SkipLength = 64 << 10;

    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        if (wanted == 0)
            return 0;
        int read = source.Read(buffer[..wanted]);
        if (read == 0)
            throw Short();
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Goes to the end of the record.</summary>
    public void PassOver()
    {
        long left = length - _position;
        if (left == 0)
            return;
        if (source is ISkippable skippable)
        {
            skippable.Skip(left);
            _position = length;
            return;
        }

        if (source.CanSeek)
        {
            if (source.Length - source.Position < left)
                throw Short();
            source.Seek(left, SeekOrigin.Current);
            _position = length;
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(left, SkipLength));
        try
        {
            while (Read(buffer) > 0)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private LayerRefusedException Short() =>
        new(NtfsRules.BackupStreamShort, $"a record of kind {(uint)kind} ends after {_position} of {length} bytes");
}

/// <summary>A source that passes over bytes without reading them, though it cannot seek.</summary>
internal interface ISkippable
{
    /// <summary>Goes on by exactly this many bytes.</summary>
    void Skip(long count);
}
