using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace WinLayers.Formats.Ntfs.Security;

/// <summary>A security identifier.</summary>
/// <param name="authority">The identifier authority, 48 bits.</param>
/// <param name="subAuthorities">At most 15.</param>
internal readonly struct Sid(ulong authority, uint[] subAuthorities)
{
    private const ulong HighestAuthority = 0xFFFF_FFFF_FFFF;

    /// <summary>Bytes of the binary form.</summary>
    public int Length => SecurityDescriptorLayout.SidHeaderLength + (subAuthorities.Length * sizeof(uint));

    /// <summary>Reads a binary SID that is known to be whole.</summary>
    public static Sid Read(ReadOnlySpan<byte> bytes)
    {
        uint[] subAuthorities = new uint[bytes[1]];
        for (int i = 0; i < subAuthorities.Length; i++)
            subAuthorities[i] =
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[(SecurityDescriptorLayout.SidHeaderLength + (i * sizeof(uint)))..]);
        return new Sid(((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            subAuthorities);
    }

    /// <summary>Reads <c>S-1-5-32-544</c>; numbers are decimal or, with <c>0x</c>, hexadecimal.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Sid sid)
    {
        sid = default;
        if (!text.StartsWith("S-1-", StringComparison.OrdinalIgnoreCase))
            return false;
        text = text[4..];
        if (text.Count('-') > SecurityDescriptorLayout.MaxSubAuthorities)
            return false;
        uint[] subAuthorities = new uint[text.Count('-')];
        ulong authority = 0;
        int next = -1;
        foreach (Range range in text.Split('-'))
        {
            if (!TryNumber(text[range], next < 0 ? HighestAuthority : uint.MaxValue, out ulong number))
                return false;
            if (next < 0)
                authority = number;
            else
                subAuthorities[next] = (uint)number;
            next++;
        }

        sid = new Sid(authority, subAuthorities);
        return true;
    }

    /// <summary>Writes the binary form and returns its length.</summary>
    public int Write(Span<byte> destination)
    {
        destination[0] = 1;
        destination[1] = (byte)subAuthorities.Length;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(authority >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], (uint)authority);
        for (int i = 0; i < subAuthorities.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(SecurityDescriptorLayout.SidHeaderLength + (i * sizeof(uint)))..],
                subAuthorities[i]);
        return Length;
    }

    /// <summary>The text form, <c>S-1-5-32-544</c>; an authority of more than 32 bits is hexadecimal, as Windows shows it.</summary>
    public override string ToString()
    {
        StringBuilder text = new("S-1-");
        text = authority > uint.MaxValue ? text.Append("0x").Append(authority.ToString("x12", CultureInfo.InvariantCulture))
            : text.Append(authority);
        foreach (uint subAuthority in subAuthorities)
            text.Append('-').Append(subAuthority);
        return text.ToString();
    }

    private static bool TryNumber(ReadOnlySpan<char> text, ulong highest, out ulong number)
    {
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(isHex ? text[2..] : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out number)
            && number <= highest;
    }
}
