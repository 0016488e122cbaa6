using System.Buffers;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Ntfs.Backup;

/// <summary>
/// Writes the records of a backup stream, in the order of the calls; Windows has security first, then extended attributes, the
/// reparse point, the data and every alternate stream. Buffers nothing but one piece of data in flight, and writes to the stream
/// from the calling thread. After an exception the stream holds a part of a record.
/// </summary>
/// <param name="destination">Where the records go; it stays open and the caller's.</param>
public sealed class BackupStreamWriter(Stream destination)
{
    private const int CopyLength = 128 << 10;

    /// <summary>Writes the metadata that the records can hold: security, extended attributes, reparse point, where there are any.</summary>
    public void WriteMetadata(FileMetadata metadata)
    {
        if (metadata.Security is { } security)
            WriteSecurity(security);
        if (metadata.ExtendedAttributes is { } attributes)
            WriteExtendedAttributes(attributes);
        if (metadata.Reparse is { } reparse)
            WriteReparse(reparse);
    }

    /// <summary>Writes the security descriptor.</summary>
    public void WriteSecurity(SecurityDescriptor security) => WriteWhole(BackupRecordKind.Security, security.Bytes.Span);

    /// <summary>Writes the extended attributes.</summary>
    public void WriteExtendedAttributes(ExtendedAttributes attributes) =>
        WriteWhole(BackupRecordKind.ExtendedAttributes, attributes.List.Span);

    /// <summary>Writes the reparse point.</summary>
    public void WriteReparse(ReparsePoint reparse) => WriteWhole(BackupRecordKind.Reparse, reparse.Buffer.Span);

    /// <summary>Writes a file's data; every regular file has this record, an empty one too.</summary>
    /// <param name="data">Read for exactly <paramref name="length"/> bytes; what it has beyond them stays unread.</param>
    /// <param name="length">Bytes of the data.</param>
    /// <exception cref="LayerRefusedException">The data ends early.</exception>
    public void WriteData(Stream data, long length)
    {
        WriteHeader(BackupRecordKind.Data, length, recordName: "");
        Copy(data, length, "the data");
    }

    /// <summary>Writes an alternate stream.</summary>
    /// <param name="name">The bare name, such as <c>Zone.Identifier</c>.</param>
    /// <param name="data">Read for exactly <paramref name="length"/> bytes; what it has beyond them stays unread.</param>
    /// <param name="length">Bytes of the stream.</param>
    /// <exception cref="LayerRefusedException">The name is none that NTFS takes, or the data ends early.</exception>
    public void WriteAlternate(string name, Stream data, long length)
    {
        WriteHeader(BackupRecordKind.AlternateData, length, StreamName.ToRecordName(name));
        Copy(data, length, $"the stream '{name}'");
    }

    private void WriteWhole(BackupRecordKind kind, ReadOnlySpan<byte> bytes)
    {
        WriteHeader(kind, bytes.Length, recordName: "");
        destination.Write(bytes);
    }

    private void WriteHeader(BackupRecordKind kind, long size, ReadOnlySpan<char> recordName)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Span<byte> header = stackalloc byte[BackupRecordHeader.Length + BackupRecordHeader.MaxName];
        int nameSize = Utf16.Write(recordName, header[BackupRecordHeader.Length..]);
        new BackupRecordHeader(kind, size, nameSize).Write(header);
        destination.Write(header[..(BackupRecordHeader.Length + nameSize)]);
    }

    private void Copy(Stream data, long length, string what)
    {
        if (length == 0)
            return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, CopyLength));
        try
        {
            long left = length;
            while (left > 0)
            {
                int read = data.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
                if (read == 0)
                    throw new LayerRefusedException(NtfsRules.BackupStreamShort, $"{what} ends after {length - left} of {length} bytes");
                destination.Write(buffer, 0, read);
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
