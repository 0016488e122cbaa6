using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace WinLayers.Formats.Tar;

/// <summary>The fields of a tar header block, where each is, and how numbers and texts are kept in them.</summary>
/// <remarks>
/// <code>
///   0 name 100 | 100 mode 8 | 108 uid 8 | 116 gid 8 | 124 size 12 | 136 mtime 12 | 148 checksum 8 | 156 type 1 | 157 link name 100
/// 257 magic and version 8 | 265 user 32 | 297 group 32 | 329 device 8 + 8
/// 345 ustar: prefix 155 | GNU: access time 12, change time 12, ... | star: prefix 131, access time 12, change time 12, ..., 508 "tar\0"
/// </code>
/// </remarks>
internal static class TarHeader
{
    public const int BlockSize = 512;

    public static readonly Range Name = 0..100;
    public static readonly Range Mode = 100..108;
    public static readonly Range UserId = 108..116;
    public static readonly Range GroupId = 116..124;
    public static readonly Range Size = 124..136;
    public static readonly Range ModificationTime = 136..148;
    public static readonly Range Checksum = 148..156;
    public const int Type = 156;
    public static readonly Range LinkName = 157..257;
    public static readonly Range Magic = 257..265;
    public static readonly Range DeviceMajor = 329..337;
    public static readonly Range DeviceMinor = 337..345;
    public static readonly Range Prefix = 345..500;
    public static readonly Range GnuAccessTime = 345..357;
    public static readonly Range GnuChangeTime = 357..369;
    public static readonly Range StarPrefix = 345..476;
    public static readonly Range StarAccessTime = 476..488;
    public static readonly Range StarChangeTime = 488..500;
    private static readonly Range StarTrailer = 508..512;

    public static TarDialect DialectOf(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> magic = block[Magic];
        if (magic.SequenceEqual("ustar  \0"u8))
            return TarDialect.Gnu;
        if (!magic.StartsWith("ustar\0"u8))
            return TarDialect.V7;
        return block[StarTrailer].SequenceEqual("tar\0"u8) ? TarDialect.Star : TarDialect.Ustar;
    }

    /// <summary>A text field: up to its first NUL, or all of it.</summary>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field) =>
        field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;

    /// <summary>Reads an octal number between spaces and NULs, or a base-256 one. An empty field is 0.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> field, out long value)
    {
        if ((field[0] & 0x80) != 0)
            return TryReadBase256(field, out value);
        value = 0;
        field = Text(field.Trim(" \0"u8));
        foreach (byte digit in field)
        {
            // 12 octal digits are 36 bits: no field can overflow.
            if (digit is < (byte)'0' or > (byte)'7')
                return false;
            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }

    /// <summary>
    /// Whether the stored checksum is that of the block, summed as the standard has it or with signed bytes as old tars did.
    /// </summary>
    public static bool ChecksumMatches(ReadOnlySpan<byte> block)
    {
        if (!TryReadNumber(block[Checksum], out long stored))
            return false;
        // The checksum's own field counts as spaces.
        int sum = SumOf(block) - SumOf(block[Checksum]) + (8 * ' ');
        if (sum == stored)
            return true;
        foreach (byte b in block[..Checksum.Start.Value])
            sum -= b > 127 ? 256 : 0;
        foreach (byte b in block[Checksum.End.Value..])
            sum -= b > 127 ? 256 : 0;
        return sum == stored;
    }

    /// <summary>The sum of the bytes; their number is a multiple of 8 and at most 1,024.</summary>
    public static int SumOf(ReadOnlySpan<byte> bytes)
    {
        // Four lanes of 16 bits each for even and for odd bytes: 128 words of two times 255 fit.
        const ulong lanes = 0x00FF_00FF_00FF_00FF;
        ulong sum = 0;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            sum += (word & lanes) + ((word >> 8) & lanes);
        return (int)((sum & 0xFFFF) + ((sum >> 16) & 0xFFFF) + ((sum >> 32) & 0xFFFF) + (sum >> 48));
    }

    private static bool TryReadBase256(ReadOnlySpan<byte> field, out long value)
    {
        // Two's complement, big-endian, without the marking top bit; what is left of the low 8 bytes may only extend the sign.
        value = BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
        bool negative = (field[0] & 0x40) != 0;
        byte extension = negative ? (byte)0xFF : (byte)0;
        if (field.Length == 8)
        {
            value = negative ? value : value & long.MaxValue;
            return true;
        }

        return (field[0] | 0x80) == (extension | 0x80)
            && field[1..^8].IndexOfAnyExcept(extension) < 0
            && value < 0 == negative;
    }
}

/// <summary>Who defined what stands behind the magic.</summary>
internal enum TarDialect
{
    V7,
    Ustar,
    Gnu,
    Star,
}
