using System.Buffers;
using System.Buffers.Text;
using System.Text;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Formats.Tar;

/// <summary>Makes NTFS metadata of a member's headers and PAX records, in the reference's dialect and in zlayer's.</summary>
internal sealed class EntryMetadataReader
{
    private readonly LayerLimits _limits;
    private readonly DescriptorCache _rawDescriptors;
    private readonly DescriptorCache _textDescriptors;

    // What global records mean for every entry that has no records of its own: made once, and shared.
    private (int Version, ExtendedAttributes? Value) _globalAttributes = (-1, null);
    private (int Version, ReparsePoint? Value) _globalReparse = (-1, null);

    public EntryMetadataReader(LayerLimits limits)
    {
        _limits = limits;
        _rawDescriptors =
            new DescriptorCache(
            text => DecodeBase64(text, PaxKeys.RawSecurityDescriptor, bytes => SecurityDescriptor.FromBytes(bytes, limits)));
        _textDescriptors = new DescriptorCache(text => SecurityDescriptor.FromSddl(Encoding.UTF8.GetString(text), limits));
    }

    private delegate T Decoded<out T>(ReadOnlySpan<byte> bytes);

    /// <summary>Everything that NTFS knows of a file or directory.</summary>
    public FileMetadata ReadFull(TarMember member) => new()
    {
        Attributes = ReadAttributes(member),
        Times = ReadTimes(member),
        Security = ReadSecurity(member),
        ExtendedAttributes = ReadExtendedAttributes(member),
        Reparse = ReadReparse(member),
    };

    /// <summary>Attributes and times, all that links and whiteouts have.</summary>
    public static FileMetadata ReadBasic(TarMember member) => new() { Attributes = ReadAttributes(member), Times = ReadTimes(member) };

    // Without the record: directory 0x10, otherwise 0, as the reference has it. A mount point is a directory on NTFS, always.
    private static FileAttributes ReadAttributes(TarMember member)
    {
        FileAttributes implied = member.IsDirectory ? FileAttributes.Directory : FileAttributes.None;
        if (member.Type == TarTypes.SymbolicLink && member.Has(PaxKey.MountPoint))
            implied = FileAttributes.Directory | FileAttributes.ReparsePoint;
        ReadOnlySpan<byte> recorded = member[PaxKey.FileAttributes];
        if (recorded.IsEmpty)
            return implied;
        // Other readers trim it too, and a number means the same with blanks around it.
        recorded = recorded.Trim(" \t"u8);
        if (recorded.IsEmpty || recorded[0] is < (byte)'0' or > (byte)'9' || !Utf8Parser.TryParse(recorded, out uint bits, out int used)
            || used != recorded.Length)
            throw new LayerRefusedException(TarRules.Attributes, $"'{Encoding.UTF8.GetString(recorded)}' is no decimal number of 32 bits");
        FileAttributes attributes = unchecked((FileAttributes)bits);
        if (member.IsFile && attributes.HasFlag(FileAttributes.Directory))
            throw new LayerRefusedException(TarRules.KindConflict,
                $"a regular file has the attributes 0x{bits:x}, which are a directory's");
        return attributes | (implied & FileAttributes.Directory);
    }

    private static FileTimes ReadTimes(TarMember member)
    {
        FileTime write = ReadTime(member, PaxKey.ModificationTime, member.Write);
        return new FileTimes(
            Creation: ReadTime(member, PaxKey.CreationTime, write),
            Access: ReadTime(member, PaxKey.AccessTime, member.Access ?? write),
            Write: write,
            Change: ReadTime(member, PaxKey.ChangeTime, member.Change ?? write));
    }

    private static FileTime ReadTime(TarMember member, PaxKey key, FileTime otherwise)
    {
        ReadOnlySpan<byte> recorded = member[key];
        if (recorded.IsEmpty)
            return otherwise;
        return PaxTime.TryParse(recorded, out FileTime time)
            ? time
            : throw new LayerRefusedException(TarRules.PaxTime,
                $"the time '{Encoding.UTF8.GetString(recorded)}' is no decimal number of seconds");
    }

    private SecurityDescriptor? ReadSecurity(TarMember member)
    {
        ReadOnlySpan<byte> raw = member[PaxKey.RawSecurityDescriptor];
        if (!raw.IsEmpty)
            return _rawDescriptors.Get(raw);
        ReadOnlySpan<byte> text = member[PaxKey.Sddl];
        return text.IsEmpty ? null : _textDescriptors.Get(text);
    }

    // One record each is the reference's form and wins over zlayer's whole list, as rawsd wins over sd.
    private ExtendedAttributes? ReadExtendedAttributes(TarMember member)
    {
        bool isGlobal = member.Records.ExtendedAttributeCount == 0
            && (member.GlobalRecords.ExtendedAttributeCount > 0 || !member.Records.Has(PaxKey.ExtendedAttributeList));
        if (!isGlobal)
            return DecodeExtendedAttributes(member);
        if (_globalAttributes.Version != member.GlobalRecords.Version)
            _globalAttributes = (member.GlobalRecords.Version, DecodeExtendedAttributes(member));
        return _globalAttributes.Value;
    }

    private ExtendedAttributes? DecodeExtendedAttributes(TarMember member)
    {
        if (member.Records.ExtendedAttributeCount + member.GlobalRecords.ExtendedAttributeCount > 0)
        {
            SortedDictionary<string, ReadOnlyMemory<byte>> values = new(StringComparer.Ordinal);
            AddExtendedAttributes(member.GlobalRecords, values);
            AddExtendedAttributes(member.Records, values);
            return ExtendedAttributes.FromItems(values.Select(static item => new ExtendedAttribute(item.Key, item.Value)), _limits);
        }

        ReadOnlySpan<byte> list = member[PaxKey.ExtendedAttributeList];
        return list.IsEmpty ? null
            : DecodeBase64(list, PaxKeys.ExtendedAttributeList, bytes => ExtendedAttributes.FromList(bytes, _limits));
    }

    // An empty value does not delete here: it is an attribute without a value, and the reference writes such records.
    private static void AddExtendedAttributes(PaxRecords records, SortedDictionary<string, ReadOnlyMemory<byte>> values)
    {
        for (int i = 0; i < records.ExtendedAttributeCount; i++)
        {
            (string name, ReadOnlyMemory<byte> value) = records.ExtendedAttribute(i);
            values[name] = DecodeBase64(value.Span, PaxKeys.ExtendedAttributePrefix, static bytes => bytes.ToArray());
        }
    }

    private ReparsePoint? ReadReparse(TarMember member)
    {
        ReadOnlySpan<byte> whole = member[PaxKey.Reparse];
        if (!whole.IsEmpty && member.Records.Has(PaxKey.Reparse))
            return DecodeReparse(whole);
        if (!whole.IsEmpty)
        {
            if (_globalReparse.Version != member.GlobalRecords.Version)
                _globalReparse = (member.GlobalRecords.Version, DecodeReparse(whole));
            return _globalReparse.Value;
        }

        if (member.Type != TarTypes.SymbolicLink)
            return null;
        if (member.LinkName.Length == 0)
            throw new LayerRefusedException(TarRules.LinkTarget, "the symbolic link has no target");
        return ReparsePoint.FromTarget(member.LinkName, member.Has(PaxKey.MountPoint));
    }

    private ReparsePoint DecodeReparse(ReadOnlySpan<byte> text) =>
        DecodeBase64(text, PaxKeys.Reparse, bytes => ReparsePoint.FromBuffer(bytes, _limits));

    private static T DecodeBase64<T>(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key, Decoded<T> use)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(text.Length));
        try
        {
            return Base64.DecodeFromUtf8(text, rented, out _, out int length) == OperationStatus.Done
                ? use(rented.AsSpan(0, length))
                : throw new LayerRefusedException(TarRules.Base64, $"the value of {Encoding.UTF8.GetString(key)} is not base64");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
