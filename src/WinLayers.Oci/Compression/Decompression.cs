using WinLayers.Formats;
using WinLayers.Formats.IO;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Compression;

/// <summary>Turns a layer's blob into its tar, whatever it is compressed with.</summary>
public static class Decompression
{
    private const int HeadLength = 512;

    /// <summary>
    /// Opens the tar inside a layer's bytes. What the bytes are decides (gzip, Zstandard, plain tar), not what the media type says;
    /// bytes that are none of these are refused. Reads the first 512 bytes at once.
    /// </summary>
    /// <param name="compressed">The blob's bytes; read to their end before the returned stream reports its own.</param>
    /// <param name="mediaType">The media type, for messages.</param>
    /// <param name="limits">What the layer may cost.</param>
    /// <param name="leaveOpen">Whether <paramref name="compressed"/> stays open when the returned stream is disposed.</param>
    /// <exception cref="CompressionException">The bytes are of no known kind. While reading: they are damaged, cut,
    /// followed by others, or expand beyond <see cref="LayerLimits.ExpansionRatio"/>.</exception>
    public static Stream Open(Stream compressed, string mediaType, LayerLimits? limits = null, bool leaveOpen = false) =>
        Open(compressed, mediaType, limits, leaveOpen, IsalLibrary.Instance);

    // With the inflater given: the framework's where it is null.
    internal static Stream Open(Stream compressed, string mediaType, LayerLimits? limits, bool leaveOpen, IsalLibrary? inflater)
    {
        ArgumentNullException.ThrowIfNull(compressed);
        byte[] head = new byte[HeadLength];
        int length = compressed.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false);
        LayerCompression compression = Detect(head.AsSpan(0, length)) ?? throw Unknown(head.AsSpan(0, length), mediaType);
        PrefixedStream whole = new(head.AsMemory(0, length), compressed, leaveOpen);
        ExpansionGuard guard = new((limits ?? LayerLimits.Default).ExpansionRatio);
        return compression switch
        {
            LayerCompression.GZip when inflater is not null => new IsalGZipStream(inflater, whole, guard, leaveOpen: false),
            LayerCompression.GZip => new GZipReadStream(whole, guard, leaveOpen: false),
            LayerCompression.Zstd => new ZstdStream(whole, guard, leaveOpen: false),
            _ => whole,
        };
    }

    /// <summary>
    /// What a layer that starts with these bytes (512, or all there are) is compressed with; null where it is neither compressed nor a
    /// tar.
    /// </summary>
    public static LayerCompression? Detect(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith<byte>([0x1f, 0x8b]))
            return LayerCompression.GZip;

        // A Zstandard frame, or a skippable one (184d2a50 to 5f, little-endian) that other frames follow.
        bool isSkippable = head.Length >= 4 && (head[0] & 0xf0) == 0x50 && head[1..4].SequenceEqual<byte>([0x2a, 0x4d, 0x18]);
        if (isSkippable || head.StartsWith<byte>([0x28, 0xb5, 0x2f, 0xfd]))
            return LayerCompression.Zstd;
        return IsTarBlock(head) ? LayerCompression.None : null;
    }

    // A ustar magic, the right checksum of an older header, or the zero block that an empty tar is made of.
    private static bool IsTarBlock(ReadOnlySpan<byte> block)
    {
        if (block.Length < HeadLength)
            return false;
        if (block.Slice(257, 5).SequenceEqual("ustar"u8) || !block.ContainsAnyExcept((byte)0))
            return true;
        return TarHeader.ChecksumMatches(block[..HeadLength]);
    }

    private static CompressionException Unknown(ReadOnlySpan<byte> head, string mediaType)
    {
        string found = head.IsEmpty ? "is empty" : $"starts with {Convert.ToHexStringLower(head[..Math.Min(8, head.Length)])}";
        return new(CompressionFailure.UnknownFormat, $"The layer ({mediaType}) {found}: neither gzip, nor Zstandard, nor a tar.");
    }
}
