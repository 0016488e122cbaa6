using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>Good tars in blobs that are cut, lengthened, damaged, or bombs.</summary>
internal static class HostileBlobs
{
    private const string Damaged = "WCL3003";
    private const string Truncated = "WCL3004";
    private const string Trailing = "WCL3005|WCL3004";
    private const string Bomb = "WCL3006";
    private const string Unknown = "WCL3007";
    private const string Window = "WCL3009";
    private const string OtherDiffId = "WCL3001";

    public static IEnumerable<LayerCase> All() => [.. GZip(), .. Zstandard(), .. Others()];

    private static IEnumerable<LayerCase> GZip()
    {
        for (int i = 0; i < 10; i++)
        {
            int part = i;
            yield return Case(Truncated, $"gzip cut after {part} ninths", tar => Cut(TestBytes.Compress(tar), 2, part, 9));
        }

        foreach (int length in new[] { 3, 9, 10, 11 })
            yield return Case(Truncated, $"gzip cut to {length} bytes", tar => TestBytes.Compress(tar)[..length]);
        yield return Case(Truncated, "gzip without its trailer", tar => TestBytes.Compress(tar)[..^8]);
        yield return Case(Truncated, "gzip without its length", tar => TestBytes.Compress(tar)[..^4]);
        foreach ((string what, byte[] tail) in new (string, byte[])[] { ("a byte", [7]), ("a zero", [0]), ("zeros", new byte[512]),
            ("text", "evil"u8.ToArray()), ("half a magic number", [0x1f]), ("a tar", CorpusBed.BaseTar),
            ("a Zstandard frame", Zstd.Raw([1])), ("zeros and a byte", [0, 0, 0, 1]) })
            yield return Case(Trailing, $"gzip and {what}", tar => [.. TestBytes.Compress(tar), .. tail]);
        yield return Case(Truncated, "gzip and a cut member", tar => [.. TestBytes.Compress(tar), .. TestBytes.Compress(tar)[..20]]);
        yield return Case(Damaged, "gzip with another checksum", tar => Flip(TestBytes.Compress(tar), ^8));
        yield return Case(Damaged, "gzip with another length", tar => Flip(TestBytes.Compress(tar), ^1));
        yield return Case(Damaged, "gzip of another method", tar => Set(TestBytes.Compress(tar), 2, 7));
        foreach (byte flag in new byte[] { 0x20, 0x40, 0x80 })
            yield return Case(Damaged, $"gzip with the reserved flag 0x{flag:x2}", tar => Set(TestBytes.Compress(tar), 3, flag));
        yield return Case(Damaged, "gzip with a reserved flag in its second member",
            tar => [.. TestBytes.Compress(tar[..512]), .. Set(TestBytes.Compress(tar[512..]), 3, 0xe0)]);
        yield return Case(OtherDiffId, "gzip with a byte after the tar's end", tar => TestBytes.Compress([.. tar, 0]));
        yield return Case(OtherDiffId, "gzip with a flipped byte after the tar's end",
            tar => TestBytes.Compress([.. tar, .. Flip(new byte[512], ^1)]));
        yield return Case("WCL2104|WCL3001", "gzip with a flipped byte in the last zero block", tar => TestBytes.Compress(Flip(tar, ^1)));
        yield return Case(OtherDiffId, "gzip of two tars", tar => [.. TestBytes.Compress(tar), .. TestBytes.Compress(tar)]);
        yield return Case(Bomb, "gzip bomb", _ => BestBomb());
    }

    private static IEnumerable<LayerCase> Zstandard()
    {
        for (int i = 0; i < 8; i++)
        {
            int part = i;
            yield return Case(Truncated, $"Zstandard cut after {part} sevenths", tar => Cut(Zstd.Raw(tar), 4, part, 7));
        }

        yield return Case(Truncated, "Zstandard and a cut frame", tar => [.. Zstd.Raw(tar), .. Zstd.Raw(tar)[..9]]);
        yield return Case(Truncated, "Zstandard and a cut skippable frame",
            tar => [.. Zstd.Raw(tar), 0x50, 0x2a, 0x4d, 0x18, 9, 0, 0, 0, 1]);
        yield return Case(Damaged + "|WCL3005", "Zstandard and text", tar => [.. Zstd.Raw(tar), .. "evil text"u8]);
        yield return Case(Damaged + "|WCL3005", "Zstandard and gzip", tar => [.. Zstd.Raw(tar), .. TestBytes.Compress(tar)]);
        yield return Case(Damaged, "Zstandard with a reserved block", tar => Zstd.Frame(tar.Length, (3, tar)));
        yield return Case(Damaged, "Zstandard that needs a dictionary", tar => [0x28, 0xb5, 0x2f, 0xfd, 0xa1, 7, .. Zstd.Raw(tar)[5..]]);
        yield return Case(Window, "Zstandard with a window of a gigabyte", tar => Zstd.Windowed(windowLog: 30, tar));
        yield return Case(Bomb, "Zstandard bomb", _ => Zstd.Zeros(blocks: 400));
        yield return Case(Bomb, "Zstandard bomb of many frames",
            _ => [.. Enumerable.Repeat(Zstd.Zeros(blocks: 8), 40).SelectMany(frame => frame)]);
    }

    private static IEnumerable<LayerCase> Others()
    {
        yield return Case(Unknown, "empty blob", _ => []);
        yield return Case(Unknown, "text", _ => "This is no layer."u8.ToArray());
        yield return Case(Unknown, "bzip2", _ => "BZh91AY&SY"u8.ToArray());
        yield return Case(Unknown, "xz", _ => [0xfd, .. "7zXZ\0"u8, .. new byte[600]]);
        yield return Case(Unknown, "zip", _ => [.. "PK\u0003\u0004"u8, .. new byte[600]]);
        yield return Case(Unknown, "program", _ => [.. "MZ"u8, .. new byte[600]]);
        yield return Case(Unknown, "tar cut in its first header", tar => tar[..511]);
        yield return Case("WCL2101|WCL2102|WCL3001", "compressed twice", tar => TestBytes.Compress(TestBytes.Compress(tar)));
        yield return Case(OtherDiffId, "plain tar and a byte", tar => [.. tar, 1]);
    }

    // Every case has a tar of its own: one that were taken in by mistake would be in the store for the next.
    private static LayerCase Case(string code, string name, Func<byte[], byte[]> makeBlob)
    {
        byte[] tar = LayerTar.New().Directory("Files").File("Files/a", [.. TestBytes.MakeContent(3000), .. Encoding.UTF8.GetBytes(name)])
            .ToArray();
        return LayerCase.RefusedBlob(code, name, tar, makeBlob(tar));
    }

    private static byte[] Cut(byte[] bytes, int least, int part, int parts) =>
        bytes[..(least + (part * (bytes.Length - least - 1) / parts))];

    // Deflate makes 1032 bytes of one at best, so only the best compression gets over the ratio.
    private static byte[] BestBomb() => TestBytes.Compress(new byte[120 << 20], CompressionLevel.SmallestSize);

    private static byte[] Flip(byte[] bytes, Index at) => Set(bytes, at, (byte)(bytes[at] ^ 1));

    private static byte[] Set(byte[] bytes, Index at, byte value)
    {
        byte[] changed = [.. bytes];
        changed[at] = value;
        return changed;
    }
}

/// <summary>Zstandard frames of stored and repeated blocks, written by hand (RFC 8878, section 3.1).</summary>
internal static class Zstd
{
    private const int LargestBlock = 128 << 10;

    /// <summary>The content as it is, in one frame.</summary>
    public static byte[] Raw(byte[] content) =>
        Frame(content.Length, [.. content.Length == 0 ? [(0, content)] : content.Chunk(LargestBlock).Select(chunk => (0, chunk))]);

    /// <summary>Blocks of 128 KiB of zeros, four bytes each.</summary>
    public static byte[] Zeros(int blocks) => Frame(blocks * LargestBlock, [.. Enumerable.Repeat((1, new byte[1]), blocks)]);

    /// <summary>A frame that asks for a window of this size.</summary>
    public static byte[] Windowed(int windowLog, byte[] content) =>
        [0x28, 0xb5, 0x2f, 0xfd, 0, (byte)((windowLog - 10) << 3), .. Block(0, content, isLast: true)];

    /// <summary>A frame of blocks: type 0 stored, 1 repeated 128 KiB times, 3 reserved.</summary>
    public static byte[] Frame(int contentLength, params (int Type, byte[] Bytes)[] blocks)
    {
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, contentLength);
        return [0x28, 0xb5, 0x2f, 0xfd, 0xa0, .. size,
            .. blocks.SelectMany((block, i) => Block(block.Type, block.Bytes, i == blocks.Length - 1))];
    }

    private static byte[] Block(int type, byte[] bytes, bool isLast)
    {
        int header = (isLast ? 1 : 0) | (type << 1) | ((type == 1 ? LargestBlock : bytes.Length) << 3);
        return [(byte)header, (byte)(header >> 8), (byte)(header >> 16), .. bytes];
    }
}
