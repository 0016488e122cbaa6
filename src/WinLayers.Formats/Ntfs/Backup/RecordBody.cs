using System.Buffers;
using WinLayers.Formats.IO;

namespace WinLayers.Formats.Ntfs.Backup;

/// <summary>The bytes of one backup record: a bounded, forward-only view of the source.</summary>
internal sealed class RecordBody(Stream source, long length, BackupRecordKind kind) : ReadOnlyStream
{
    private const int SkipLength = 64 << 10;

    private long _position;

    public override long Length => length;

    public override long Position => _position;

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
