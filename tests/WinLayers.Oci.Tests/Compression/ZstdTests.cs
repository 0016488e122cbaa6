using System.Text;
using WinLayers.Formats;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Compression;

public sealed class ZstdTests
{
    // Made with the zstd command, version 1.5.4: 400 times "WinLayers ", default level, with a checksum.
    private static readonly byte[] Frame = Convert.FromBase64String("KLUv/WSgDo0AAFBXaW5MYXllcnMgAQCTr1+Q4XHdTA==");
    private static readonly byte[] Content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("WinLayers ", 400)));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 100)]
    [InlineData(1 << 16, 1 << 16)]
    public async Task Read_Frames_AreOneStream(int chunk, int bufferSize)
    {
        byte[] skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        byte[] many = [.. skippable, .. Frame, .. skippable, .. Frame];
        Assert.Equal([.. Content, .. Content], Expand(many, chunk, bufferSize));
        await using Stream stream = Decompression.Open(new Chunked(many, chunk), "application/zstd");
        using MemoryStream all = new();
        await stream.CopyToAsync(all, bufferSize, TestContext.Current.CancellationToken);
        Assert.Equal([.. Content, .. Content], all.ToArray());
    }

    [Fact]
    public void Read_InputCutAnywhere_IsRefused()
    {
        for (int length = 4; length < Frame.Length; length++)
            Assert.Equal("WCL3004", Assert.Throws<CompressionException>(() => Expand(Frame[..length])).Code);
    }

    [Fact]
    public void Read_AnyFlippedBit_IsRefusedOrChangesNothing()
    {
        for (int i = 4; i < Frame.Length; i++)
        {
            byte[] damaged = [.. Frame];
            damaged[i] ^= 4;
            try
            {
                Assert.Equal(Content, Expand(damaged));
            }
            catch (CompressionException)
            {
                // As it should be.
            }
        }
    }

    [Fact]
    public void Read_BytesAfterTheEnd_AreRefused() =>
        Assert.Throws<CompressionException>(() => Expand([.. Frame, 0, 0, 0, 0, 0]));

    // A frame header by hand: the window's exponent in the upper five bits, then an empty last block.
    [Theory]
    [InlineData(17, true)]
    [InlineData(18, false)]
    public void Read_Window_IsBounded(int exponent, bool isGood)
    {
        byte[] frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (byte)(exponent << 3), 1, 0, 0];
        if (isGood)
            Assert.Empty(Expand(frame));
        else
            Assert.Equal("WCL3009", Assert.Throws<CompressionException>(() => Expand(frame)).Code);
    }

    [Fact]
    public void Read_BeyondTheExpansionRatio_IsRefused()
    {
        byte[] many = [.. Enumerable.Repeat(Frame, 400).SelectMany(frame => frame)];
        Assert.Equal(400 * Content.Length, Expand(many).Length);
        using Stream stream = Decompression.Open(new MemoryStream(many), "application/zstd", new LayerLimits { ExpansionRatio = 10 });
        Assert.Equal("WCL3006", Assert.Throws<CompressionException>(() => stream.CopyTo(Stream.Null)).Code);
    }

    private static byte[] Expand(byte[] frames, int chunk = 1 << 16, int bufferSize = 1 << 16)
    {
        using Stream stream = Decompression.Open(new Chunked(frames, chunk), "application/zstd");
        using MemoryStream all = new();
        byte[] buffer = new byte[bufferSize];
        while (stream.Read(buffer) is var count and > 0)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }
}
