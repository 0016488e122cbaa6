using System.IO.Compression;
using WinLayers.Formats.IO;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;

namespace WinLayers.Fuzzing.Images;

/// <summary>
/// Compressed layers: whatever is accepted ends where its input ends, cut by a byte is refused, and reads the same in the smallest pieces.
/// </summary>
internal sealed class GZipTarget : FuzzTarget
{
    public override string Name => "gzip";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Compress([1, 2, 3], CompressionLevel.NoCompression), Compress([.. Enumerable.Repeat((byte)'a', 500)], CompressionLevel.Optimal),
        [.. Compress([4], CompressionLevel.Fastest), .. Compress([5], CompressionLevel.Fastest)],
        WithHeader(),
        Convert.FromBase64String("KLUv/WSgDo0AAFBXaW5MYXllcnMgAQCTr1+Q4XHdTA=="),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        byte[] whole;
        try
        {
            whole = Expand(new MemoryStream(bytes));
        }
        catch (CompressionException)
        {
            Require(IsRefused(new Pieces(bytes)), "what is refused whole is refused in pieces");
            throw;
        }

        Require(Expand(new Pieces(bytes)).AsSpan().SequenceEqual(whole), "in pieces it is the same");
        if (Decompression.Detect(input) != LayerCompression.GZip)
            return;
        Require(IsRefused(new MemoryStream(bytes[..^1])), "an accepted stream cut by a byte is refused");
    }

    private static bool IsRefused(Stream compressed)
    {
        try
        {
            Expand(compressed);
            return false;
        }
        catch (CompressionException)
        {
            return true;
        }
    }

    private static byte[] Expand(Stream compressed)
    {
        using MemoryStream all = new();
        using Stream stream = Decompression.Open(compressed, "fuzz");
        stream.CopyTo(all);
        return all.ToArray();
    }

    // Every field that a header may have, twice; the whole is longer than what decompression looks at first.
    private static byte[] WithHeader()
    {
        const int headerLength = 10;
        byte[] plain = Compress([6, 7], CompressionLevel.Fastest);
        byte[] named =
            [.. plain[..3], 4 | 8 | 16, .. plain[4..headerLength], 3, 0, 1, 2, 3, .. "name"u8, 0,
            .. new string('c', 300).Select(c => (byte)c), 0,
            .. plain[headerLength..]];
        return [.. named, .. named];
    }

    private static byte[] Compress(byte[] content, CompressionLevel level)
    {
        using MemoryStream to = new();
        using (GZipStream gzip = new(to, level))
            gzip.Write(content);
        return to.ToArray();
    }

    /// <summary>Gives a byte at a time once the first block is read.</summary>
    private sealed class Pieces(byte[] bytes) : ReadOnlyStream
    {
        private int _position;

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(Math.Min(buffer.Length, 1), bytes.Length - _position);
            bytes.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
