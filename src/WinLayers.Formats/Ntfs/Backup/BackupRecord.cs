using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Formats.Ntfs.Backup;

/// <summary>One record of a backup stream, valid until its reader goes on.</summary>
public sealed class BackupRecord
{
    private readonly RecordBody _body;

    internal BackupRecord(BackupRecordHeader header, string? alternateName, long? sparseOffset, RecordBody body)
    {
        Header = header;
        AlternateName = alternateName;
        SparseOffset = sparseOffset;
        _body = body;
    }

    /// <summary>The header as it was read.</summary>
    public BackupRecordHeader Header { get; }

    /// <summary>What the record holds.</summary>
    public BackupRecordKind Kind => Header.Kind;

    /// <summary>The bare name of an alternate stream; null for other kinds.</summary>
    public string? AlternateName { get; }

    /// <summary>Where the bytes of a sparse block stand in the data stream before it; null for other kinds.</summary>
    public long? SparseOffset { get; }

    /// <summary>Bytes of <see cref="Body"/>; a sparse block's offset is not among them.</summary>
    public long Length => _body.Length;

    /// <summary>
    /// The record's bytes, read once, forward only, with a true length. A source that ends early is refused, never an early end.
    /// </summary>
    public Stream Body => _body;

    /// <summary>Reads the body of a security record.</summary>
    /// <exception cref="LayerRefusedException">The descriptor is malformed, too large or cut short.</exception>
    public SecurityDescriptor ReadSecurity(LayerLimits? limits = null) =>
        SecurityDescriptor.FromBytes(
            ReadWhole((limits ?? LayerLimits.Default).SecurityDescriptorBytes, SecurityRules.DescriptorSize), limits);

    /// <summary>Reads the body of a record with extended attributes.</summary>
    /// <exception cref="LayerRefusedException">The list is malformed, too large or cut short.</exception>
    public ExtendedAttributes ReadExtendedAttributes(LayerLimits? limits = null) =>
        ExtendedAttributes.FromList(
            ReadWhole((limits ?? LayerLimits.Default).ExtendedAttributeBytes, NtfsRules.ExtendedAttributesSize), limits);

    /// <summary>Reads the body of a reparse record.</summary>
    /// <exception cref="LayerRefusedException">The buffer is malformed, too large or cut short.</exception>
    public ReparsePoint ReadReparse(LayerLimits? limits = null) =>
        ReparsePoint.FromBuffer(ReadWhole((limits ?? LayerLimits.Default).ReparseBytes, NtfsRules.ReparseSize), limits);

    /// <summary>The metadata with what this record says of it; the same where it holds contents.</summary>
    internal FileMetadata AddTo(FileMetadata metadata) => Kind switch
    {
        BackupRecordKind.Security => metadata with { Security = ReadSecurity() },
        BackupRecordKind.ExtendedAttributes => metadata with { ExtendedAttributes = ReadExtendedAttributes() },
        BackupRecordKind.Reparse => metadata with { Reparse = ReadReparse() },
        _ => metadata,
    };

    /// <summary>Reads to the end of the body, or refuses a source that has no such end.</summary>
    internal void PassOver() => _body.PassOver();

    private byte[] ReadWhole(int longest, LayerRule rule)
    {
        if (Length > longest)
            throw new LayerRefusedException(rule, $"the record takes {Length} bytes, {longest} are allowed");
        byte[] bytes = new byte[Length];
        _body.ReadExactly(bytes);
        return bytes;
    }
}
