using System.Buffers.Binary;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Ntfs.Backup;

/// <summary>
/// Reads a backup stream record by record, without buffering: each record's bytes are read straight from the source, and what is
/// left of them is passed over when the next record is asked for. Kinds that a layer has no place for are skipped.
/// </summary>
/// <param name="source">Positioned at the first header, read to its end and not beyond; it stays open and the caller's.</param>
public sealed class BackupStreamReader(Stream source)
{
    private BackupRecord? _current;

    /// <summary>The next record of a known kind; null at the end of the source. The record before is no longer valid.</summary>
    /// <exception cref="LayerRefusedException">A header is malformed, or the source ends inside a record.</exception>
    public BackupRecord? ReadNext()
    {
        Span<byte> bytes = stackalloc byte[BackupRecordHeader.Length];
        while (true)
        {
            _current?.PassOver();
            _current = null;
            int read = source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read == 0)
                return null;
            if (read < bytes.Length)
                throw Short($"the header of a record ends after {read} of {bytes.Length} bytes");

            BackupRecordHeader header = BackupRecordHeader.Read(bytes);
            _current = Open(header);
            if (header.Kind is BackupRecordKind.Data or BackupRecordKind.ExtendedAttributes or BackupRecordKind.Security
                or BackupRecordKind.AlternateData or BackupRecordKind.Reparse or BackupRecordKind.SparseBlock)
            {
                return _current;
            }
        }
    }

    private BackupRecord Open(BackupRecordHeader header)
    {
        string name = ReadName(header.NameSize);
        long? offset = null;
        long size = header.Size;
        if (header.Kind == BackupRecordKind.SparseBlock)
        {
            if (size < sizeof(long))
                throw new LayerRefusedException(NtfsRules.BackupStream,
                    $"a sparse block has {size} bytes, its offset alone has {sizeof(long)}");
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            if (source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                throw Short("a sparse block ends inside its offset");
            size -= sizeof(long);
            offset = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            if (offset < 0 || offset > long.MaxValue - size)
                throw new LayerRefusedException(NtfsRules.BackupStream, $"a sparse block of {size} bytes stands at offset {offset}");
        }

        string? alternate = header.Kind == BackupRecordKind.AlternateData ? StreamName.FromRecordName(name) : null;
        return new BackupRecord(header, alternate, offset, new RecordBody(source, size, header.Kind));
    }

    private string ReadName(int size)
    {
        if (size == 0)
            return "";
        Span<byte> bytes = stackalloc byte[BackupRecordHeader.MaxName];
        bytes = bytes[..size];
        int read = source.ReadAtLeast(bytes, size, throwOnEndOfStream: false);
        return read == size ? Utf16.Read(bytes) : throw Short($"the name of a record ends after {read} of {size} bytes");
    }

    private static LayerRefusedException Short(string detail) => new(NtfsRules.BackupStreamShort, detail);
}
