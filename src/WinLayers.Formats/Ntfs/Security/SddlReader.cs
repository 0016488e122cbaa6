using System.Buffers.Binary;
using WinLayers.Formats.Text;
using static WinLayers.Formats.Ntfs.Security.SecurityDescriptorLayout;

namespace WinLayers.Formats.Ntfs.Security;

/// <summary>
/// SDDL text to a self-relative security descriptor: <c>O:sid G:sid D:flags(entry)… S:flags(entry)…</c>, each part at most once, in
/// any order. Letter case does not matter, nor do spaces between parts, entries and fields.
/// </summary>
internal static class SddlReader
{
    private const int MaxAcl = ushort.MaxValue;

    /// <summary>The descriptor; its parts stand in the order owner, group, SACL, DACL.</summary>
    public static byte[] Read(ReadOnlySpan<char> text)
    {
        Sid? owner = null, group = null;
        byte[]? sacl = null, dacl = null;
        ushort control = SelfRelative;
        string seen = "";
        for (ReadOnlySpan<char> rest = text.Trim(' '); !rest.IsEmpty; rest = rest.TrimStart(' '))
        {
            char part = char.ToUpperInvariant(rest[0]);
            if (rest.Length < 2 || rest[1] != ':' || !"OGDS".Contains(part, StringComparison.Ordinal))
                throw Sddl.Broken($"O:, G:, D: or S: is expected at '{SafeText.Excerpt(rest)}'");
            if (seen.Contains(part, StringComparison.Ordinal))
                throw Sddl.Broken($"{part}: stands there twice");
            seen += part;
            rest = rest[2..];
            switch (part)
            {
                case 'O':
                    owner = ReadSid(ref rest);
                    break;
                case 'G':
                    group = ReadSid(ref rest);
                    break;
                case 'D':
                    control |= ReadFlags(ref rest, DaclPresent, DaclProtected, DaclAutoInheritRequired, DaclAutoInherited,
                        out bool isNullDacl);
                    dacl = ReadEntries(ref rest, isNullDacl, inDacl: true);
                    break;
                default:
                    control |= ReadFlags(ref rest, SaclPresent, SaclProtected, SaclAutoInheritRequired, SaclAutoInherited,
                        out bool isNullSacl);
                    sacl = ReadEntries(ref rest, isNullSacl, inDacl: false);
                    break;
            }
        }

        return Assemble(control, owner, group, sacl, dacl);
    }

    private static byte[] Assemble(ushort control, Sid? owner, Sid? group, byte[]? sacl, byte[]? dacl)
    {
        byte[] bytes = new byte[HeaderLength + (owner?.Length ?? 0) + (group?.Length ?? 0) + (sacl?.Length ?? 0) + (dacl?.Length ?? 0)];
        bytes[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), control);
        int end = HeaderLength;
        if (owner is { } ownerSid)
            end += ownerSid.Write(Place(OwnerOffset));
        if (group is { } groupSid)
            end += groupSid.Write(Place(GroupOffset));
        if (sacl is not null)
        {
            sacl.CopyTo(Place(SaclOffset));
            end += sacl.Length;
        }

        if (dacl is not null)
            dacl.CopyTo(Place(DaclOffset));
        return bytes;

        Span<byte> Place(int field)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(field), end);
            return bytes.AsSpan(end);
        }
    }

    // No SID holds ':', so that the letter before the next one starts the next part; "O:BAG:SY" has no other separator.
    private static Sid ReadSid(ref ReadOnlySpan<char> rest)
    {
        ReadOnlySpan<char> text = rest[..EndOfPart(rest)];
        rest = rest[text.Length..];
        return SddlSids.Parse(text.Trim(' '));
    }

    private static ushort ReadFlags(
        ref ReadOnlySpan<char> rest, ushort present, ushort isProtected, ushort inheritRequired, ushort inherited, out bool isNull)
    {
        ushort control = present;
        isNull = false;
        int bracket = rest.IndexOf('(');
        ReadOnlySpan<char> flags = rest[..Math.Min(EndOfPart(rest), bracket < 0 ? rest.Length : bracket)];
        rest = rest[flags.Length..];
        for (flags = flags.Trim(' '); !flags.IsEmpty; flags = flags.TrimStart(' '))
        {
            if (Take(ref flags, Sddl.NullAcl))
                isNull = true;
            else if (Take(ref flags, "AR"))
                control |= inheritRequired;
            else if (Take(ref flags, "AI"))
                control |= inherited;
            else if (Take(ref flags, "P"))
                control |= isProtected;
            else
                throw Sddl.Broken($"'{SafeText.Excerpt(flags)}' is no flag of an access control list");
        }

        return control;
    }

    private static bool Take(ref ReadOnlySpan<char> text, string word)
    {
        if (!text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            return false;
        text = text[word.Length..];
        return true;
    }

    private static byte[]? ReadEntries(ref ReadOnlySpan<char> rest, bool isNull, bool inDacl)
    {
        List<byte[]> entries = [];
        int size = AclHeaderLength;
        bool hasObjects = false;
        for (rest = rest.TrimStart(' '); !rest.IsEmpty && rest[0] == '('; rest = rest.TrimStart(' '))
        {
            int end = rest.IndexOf(')');
            if (end < 0)
                throw Sddl.Broken($"no ')' closes the entry '{SafeText.Excerpt(rest)}'");
            byte[] entry = SddlAce.Read(rest[1..end], inDacl);
            rest = rest[(end + 1)..];
            entries.Add(entry);
            size += entry.Length;
            hasObjects |= ((AceType)entry[0]).IsObject;
            if (size > MaxAcl)
                throw Sddl.Broken($"the entries of one list take more than {MaxAcl} bytes");
        }

        if (isNull)
            return entries.Count == 0 ? null : throw Sddl.Broken($"entries follow {Sddl.NullAcl}");
        return Encode(entries, size, hasObjects ? (byte)4 : (byte)2);
    }

    private static byte[] Encode(List<byte[]> entries, int size, byte revision)
    {
        byte[] acl = new byte[size];
        acl[0] = revision;
        BinaryPrimitives.WriteUInt16LittleEndian(acl.AsSpan(2), (ushort)size);
        BinaryPrimitives.WriteUInt16LittleEndian(acl.AsSpan(4), (ushort)entries.Count);
        int position = AclHeaderLength;
        foreach (byte[] entry in entries)
        {
            entry.CopyTo(acl, position);
            position += entry.Length;
        }

        return acl;
    }

    private static int EndOfPart(ReadOnlySpan<char> rest) => rest.IndexOf(':') is var colon and >= 0 ? Math.Max(0, colon - 1) : rest.Length;
}
