using System.Buffers.Binary;
using System.Globalization;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Ntfs.Security;

/// <summary>One access control entry of SDDL, <c>(type;flags;rights;object;inherited object;SID)</c>, to its bytes.</summary>
internal static class SddlAce
{
    private const int Fields = 6;

    /// <summary>Reads what stands between the brackets.</summary>
    public static byte[] Read(ReadOnlySpan<char> text, bool inDacl)
    {
        Span<Range> fields = stackalloc Range[Fields + 1];
        int count = text.Split(fields, ';', StringSplitOptions.TrimEntries);
        AceType type = ReadType(text[fields[0]]);
        if (count != Fields)
            throw Sddl.Broken($"the entry '({SafeText.Excerpt(text)})' has {(count > Fields ? "more than 6" : count)} fields, not 6");
        if (Sddl.IsAccess(type) != inDacl)
            throw Sddl.Broken($"the entry '({SafeText.Excerpt(text)})' does not belong into {(inDacl ? "a DACL" : "a SACL")}");
        byte flags = ReadFlags(text[fields[1]]);
        uint mask = ReadRights(text[fields[2]]);
        Guid? objectType = ReadGuid(text[fields[3]]);
        Guid? inheritedType = ReadGuid(text[fields[4]]);
        if (!type.IsObject && (objectType ?? inheritedType) is not null)
            throw Sddl.Broken($"the entry '({SafeText.Excerpt(text)})' names an object type, which entries of its type do not have");
        return Encode(type, flags, mask, objectType, inheritedType, SddlSids.Parse(text[fields[5]]));
    }

    private static byte[] Encode(AceType type, byte flags, uint mask, Guid? objectType, Guid? inheritedType, Sid sid)
    {
        int guids = (objectType is null ? 0 : 1) + (inheritedType is null ? 0 : 1);
        int sidStart = SecurityDescriptorLayout.AceHeaderLength + sizeof(uint)
            + (type.IsObject ? sizeof(uint) + (guids * SecurityDescriptorLayout.GuidLength) : 0);
        byte[] ace = new byte[sidStart + sid.Length];
        ace[0] = (byte)type;
        ace[1] = flags;
        BinaryPrimitives.WriteUInt16LittleEndian(ace.AsSpan(2), (ushort)ace.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(ace.AsSpan(4), mask);
        if (type.IsObject)
        {
            BinaryPrimitives.WriteInt32LittleEndian(ace.AsSpan(8), (objectType is null ? 0 : 1) | (inheritedType is null ? 0 : 2));
            int position = 12;
            foreach (Guid? guid in (ReadOnlySpan<Guid?>)[objectType, inheritedType])
            {
                if (guid is not { } value)
                    continue;
                value.TryWriteBytes(ace.AsSpan(position));
                position += SecurityDescriptorLayout.GuidLength;
            }
        }

        sid.Write(ace.AsSpan(sidStart));
        return ace;
    }

    private static AceType ReadType(ReadOnlySpan<char> text)
    {
        foreach ((string name, AceType type) in Sddl.AceTypes)
        {
            if (!text.Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            return Sddl.CanSay(type)
                ? type
                : throw new LayerRefusedException(
                    SecurityRules.SddlUnsupported,
                        $"entries of type {name} (conditions, resource attributes, filters) are not read from SDDL");
        }

        throw Sddl.Broken($"'{SafeText.Excerpt(text)}' is no type of an entry");
    }

    private static byte ReadFlags(ReadOnlySpan<char> text)
    {
        byte flags = 0;
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty; rest = rest[2..])
            flags |= Word(rest, Sddl.AceFlags, "a flag of an entry");
        return flags;
    }

    private static uint ReadRights(ReadOnlySpan<char> text)
    {
        if (!text.IsEmpty && char.IsAsciiDigit(text[0]))
            return ReadNumber(text);
        uint mask = 0;
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty; rest = rest[2..])
            mask |= Word(rest, Sddl.Rights, "an access right");
        return mask;
    }

    private static T Word<T>(ReadOnlySpan<char> rest, (string Name, T Value)[] words, string what)
    {
        foreach ((string name, T value) in words)
        {
            if (rest.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        throw Sddl.Broken($"'{SafeText.Excerpt(rest[..Math.Min(2, rest.Length)])}' is not {what}");
    }

    // As C reads numbers: 0x is hexadecimal, a leading 0 octal, all else decimal.
    private static uint ReadNumber(ReadOnlySpan<char> text)
    {
        uint number = 0;
        bool isNumber = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : text[0] == '0' ? TryOctal(text, out number)
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return isNumber ? number : throw Sddl.Broken($"'{SafeText.Excerpt(text)}' is no access mask of 32 bits");
    }

    private static bool TryOctal(ReadOnlySpan<char> text, out uint number)
    {
        ulong value = 0;
        foreach (char c in text)
        {
            value = (value * 8) + (ulong)(c - '0');
            if (c is < '0' or > '7' || value > uint.MaxValue)
            {
                number = 0;
                return false;
            }
        }

        number = (uint)value;
        return true;
    }

    private static Guid? ReadGuid(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return null;
        return Guid.TryParseExact(text, "D", out Guid guid) ? guid : throw Sddl.Broken($"'{SafeText.Excerpt(text)}' is no object type");
    }
}
