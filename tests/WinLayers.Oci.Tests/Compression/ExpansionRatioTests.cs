using WinLayers.Formats;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Compression;

/// <summary>A layer may expand to exactly the ratio beyond the first mebibyte, which is free; one byte more is refused.</summary>
public sealed class ExpansionRatioTests
{
    private const int FreeBytes = 1 << 20;
    private const int Ratio = 100;
    private const int Compressed = 6000;

    public static TheoryData<int, bool> Sizes => new()
    {
        { FreeBytes + (Ratio * Compressed) - 1, true },
        { FreeBytes + (Ratio * Compressed), true },
        { FreeBytes + (Ratio * Compressed) + 1, false },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Read_GZipAtTheRatio_IsTakenAndNoByteMore(int expanded, bool isTaken) =>
        Check(GZip(expanded), MediaTypes.OciLayerGZip, expanded, isTaken);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Read_FrameworksGZipAtTheRatio_IsTakenAndNoByteMore(int expanded, bool isTaken)
    {
        var limits = new LayerLimits { ExpansionRatio = Ratio };
        var blob = new MemoryStream(GZip(expanded));
        using Stream tar = Decompression.Open(blob, MediaTypes.OciLayerGZip, limits, leaveOpen: false, inflater: null);
        CheckRead(tar, expanded, isTaken);
    }

    [Fact]
    public void Read_GZipAtTheLimitOfLittleContent_IsFree() =>
        Check(GZip(FreeBytes), MediaTypes.OciLayerGZip, FreeBytes, isTaken: true, ratio: 1);

    private static void Check(byte[] blob, string mediaType, int expanded, bool isTaken, int ratio = Ratio)
    {
        using Stream tar = Decompression.Open(new MemoryStream(blob), mediaType, new LayerLimits { ExpansionRatio = ratio });
        CheckRead(tar, expanded, isTaken);
    }

    private static void CheckRead(Stream tar, int expanded, bool isTaken)
    {
        if (isTaken)
        {
            using var all = new MemoryStream();
            tar.CopyTo(all);
            Assert.Equal(expanded, all.Length);
        }
        else
        {
            Assert.Equal("WCL3006", Assert.Throws<CompressionException>(() => tar.CopyTo(Stream.Null)).Code);
        }
    }

    // Zeros, and a file name in the header (RFC 1952, FLG.FNAME) that brings the member to its size.
    private static byte[] GZip(int expanded)
    {
        byte[] plain = TestBytes.Compress(new byte[expanded]);
        const int headerBytes = 10;
        const byte fileName = 8;
        byte[] name = new byte[Compressed - plain.Length];
        name.AsSpan(0, name.Length - 1).Fill((byte)'n');
        byte[] named = [.. plain[..3], fileName, .. plain[4..headerBytes], .. name, .. plain[headerBytes..]];
        Assert.Equal(Compressed, named.Length);
        return named;
    }
}
