using System.Buffers.Binary;

namespace WinLayers.Oci.Compression;

/// <summary>The header of a gzip member (RFC 1952, section 2.3).</summary>
internal static class GZipHeader
{
    private const int FixedLength = 10;
    private const int Flags = 3;
    private const int HeaderChecksum = 1 << 1;
    private const int ExtraField = 1 << 2;
    private const int Name = 1 << 3;
    private const int Comment = 1 << 4;
    private const int Reserved = 0xe0;

    private static ReadOnlySpan<byte> Magic => [0x1f, 0x8b];

    /// <summary>Whether all of a header is there, or enough to see that it is none.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        if (!Magic.StartsWith(bytes[..Math.Min(bytes.Length, Magic.Length)]))
            return true;
        if (bytes.Length < FixedLength)
            return false;
        int flags = bytes[Flags];
        ReadOnlySpan<byte> rest = bytes[FixedLength..];
        return ((flags & ExtraField) == 0 || SkipExtraField(ref rest))
            && ((flags & Name) == 0 || SkipText(ref rest))
            && ((flags & Comment) == 0 || SkipText(ref rest))
            && ((flags & HeaderChecksum) == 0 || rest.Length >= sizeof(ushort));
    }

    /// <summary>Whether a whole header has flags that the format keeps for later: what follows it then is not known.</summary>
    public static bool HasReservedFlags(ReadOnlySpan<byte> whole) =>
        whole.Length >= FixedLength && whole.StartsWith(Magic) && (whole[Flags] & Reserved) != 0;

    private static bool SkipExtraField(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < sizeof(ushort))
            return false;
        int length = sizeof(ushort) + BinaryPrimitives.ReadUInt16LittleEndian(rest);
        if (rest.Length < length)
            return false;
        rest = rest[length..];
        return true;
    }

    private static bool SkipText(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)0);
        rest = rest[(end + 1)..];
        return end >= 0;
    }
}
