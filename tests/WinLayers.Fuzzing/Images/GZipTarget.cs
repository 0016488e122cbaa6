using System.IO.Compression;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;

namespace WinLayers.Fuzzing.Images;

/// <summary>Compressed layers: whatever is accepted ends where its input ends, and cut by a byte is refused.</summary>
internal sealed class GZipTarget : FuzzTarget
{
    public override string Name => "gzip";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Compress([1, 2, 3], CompressionLevel.NoCompression), Compress([.. Enumerable.Repeat((byte)'a', 500)], CompressionLevel.Optimal),
        [.. Compress([4], CompressionLevel.Fastest), .. Compress([5], CompressionLevel.Fastest)],
        Convert.FromBase64String("KLUv/WSgDo0AAFBXaW5MYXllcnMgAQCTr1+Q4XHdTA=="),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        Expand(bytes);
        if (Decompression.Detect(input) != LayerCompression.GZip)
            return;
        bool isRefused = false;
        try
        {
            Expand(bytes[..^1]);
        }
        catch (CompressionException)
        {
            isRefused = true;
        }

        Require(isRefused, "an accepted stream cut by a byte is refused");
    }

    private static void Expand(byte[] bytes)
    {
        using Stream stream = Decompression.Open(new MemoryStream(bytes), "fuzz");
        stream.CopyTo(Stream.Null);
    }

    private static byte[] Compress(byte[] content, CompressionLevel level)
    {
        using MemoryStream to = new();
        using (GZipStream gzip = new(to, level))
            gzip.Write(content);
        return to.ToArray();
    }
}
