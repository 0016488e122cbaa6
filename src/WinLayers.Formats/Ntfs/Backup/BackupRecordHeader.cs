using System.Buffers.Binary;
using WinLayers.Formats.Names;

namespace WinLayers.Formats.Ntfs.Backup;

/// <summary>What a record of a backup stream holds.</summary>
public enum BackupRecordKind
{
    /// <summary>The unnamed data stream.</summary>
    Data = 1,

    /// <summary>Extended attributes.</summary>
    ExtendedAttributes = 2,

    /// <summary>A self-relative security descriptor.</summary>
    Security = 3,

    /// <summary>An alternate data stream; the record has its name.</summary>
    AlternateData = 4,

    /// <summary>A hard link.</summary>
    Link = 5,

    /// <summary>Property data.</summary>
    Property = 6,

    /// <summary>An object id.</summary>
    ObjectId = 7,

    /// <summary>A reparse buffer.</summary>
    Reparse = 8,

    /// <summary>A part of the data stream before it: an offset of 8 bytes, then the bytes that stand there.</summary>
    SparseBlock = 9,

    /// <summary>Transactional NTFS data.</summary>
    Transaction = 10,
}

/// <summary>The header of one record of a backup stream (WIN32_STREAM_ID), without the name that may follow it.</summary>
/// <remarks>
/// Little-endian: kind u32, attributes u32, size i64, name size u32. The name follows, then the record's bytes; no padding.
/// </remarks>
/// <param name="Kind">What the record holds; values outside the enumeration occur.</param>
/// <param name="Size">Bytes of the record after header and name.</param>
/// <param name="NameSize">Bytes of the name, UTF-16LE.</param>
/// <param name="Attributes">STREAM_* bits: 1 modified when read, 2 security, 8 sparse.</param>
public readonly record struct BackupRecordHeader(BackupRecordKind Kind, long Size, int NameSize = 0, uint Attributes = 0)
{
    /// <summary>Bytes of a header.</summary>
    public const int Length = 20;

    /// <summary>Bytes of a name at most: <c>:</c>, 255 units, <c>:$DATA</c>.</summary>
    public const int MaxName = 2 * (1 + LayerPath.MaxComponent + 6);

    /// <summary>Reads a header and checks its sizes.</summary>
    /// <param name="source">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="LayerRefusedException">A size is negative, or the name is too long or no UTF-16.</exception>
    public static BackupRecordHeader Read(ReadOnlySpan<byte> source)
    {
        uint kind = BinaryPrimitives.ReadUInt32LittleEndian(source);
        uint attributes = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        long size = BinaryPrimitives.ReadInt64LittleEndian(source[8..]);
        uint nameSize = BinaryPrimitives.ReadUInt32LittleEndian(source[16..]);
        if (size < 0)
            throw new LayerRefusedException(NtfsRules.BackupStream, $"a record of kind {kind} has the size {size}");
        if (nameSize > MaxName || nameSize % sizeof(char) != 0)
            throw new LayerRefusedException(NtfsRules.BackupStream, $"a record of kind {kind} has a name of {nameSize} bytes");
        return new BackupRecordHeader((BackupRecordKind)kind, size, (int)nameSize, attributes);
    }

    /// <summary>Writes the header; the name is the caller's to write after it.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Attributes);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], Size);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], NameSize);
    }
}
