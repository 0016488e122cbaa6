using System.IO.Compression;
using WinLayers.Formats;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Compression;

/// <summary>What holds whoever inflates.</summary>
public abstract class GZipTests
{
    // A tar's first block is what decompression may sniff; here content is free, since gzip is told by its own magic.
    private static readonly byte[] Content = TestBytes.MakeContent(10_000);

    public static TheoryData<CompressionLevel> Levels =>
        [CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.SmallestSize];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Read_InputCutAnywhere_IsRefused(CompressionLevel level)
    {
        byte[] gzip = TestBytes.Compress(TestBytes.MakeContent(level == CompressionLevel.NoCompression ? 300 : 3000), level);
        for (int length = 2; length < gzip.Length; length++)
        {
            CompressionException e = Assert.Throws<CompressionException>(() => Expand(gzip[..length]));
            Assert.Equal("WCL3004", e.Code);
        }
    }

    [Fact]
    public void Read_SecondMemberCutAnywhere_IsRefused()
    {
        byte[] first = TestBytes.Compress(Content);
        byte[] second = TestBytes.Compress(TestBytes.MakeContent(500));
        for (int length = 1; length < second.Length; length++)
        {
            byte[] cut = [.. first, .. second[..length]];
            foreach (int chunk in new[] { 1, 7, 1 << 20 })
                Assert.Throws<CompressionException>(() => Expand(cut, chunk));
        }
    }

    [Theory]
    [InlineData("00")]
    [InlineData("1f")]
    [InlineData("1f8b")]
    [InlineData("1f8b08")]
    [InlineData("1f00")]
    [InlineData("8b")]
    [InlineData("000000000000000000000000000000000000000000000000")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("1f8bffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void Read_BytesAfterTheEnd_AreRefused(string trailing)
    {
        byte[] gzip = [.. TestBytes.Compress(Content), .. Convert.FromHexString(trailing)];
        foreach (int chunk in new[] { 1, gzip.Length - (trailing.Length / 2), 1 << 20 })
            Assert.Throws<CompressionException>(() => Expand(gzip, chunk));
    }

    [Fact]
    public void Read_ManyTrailingBytes_AreRefusedWithoutReadingThemAll()
    {
        byte[] gzip = [.. TestBytes.Compress(Content), .. new byte[1 << 20]];
        Assert.Equal("WCL3005", Assert.Throws<CompressionException>(() => Expand(gzip)).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(1 << 20)]
    public async Task Read_ConcatenatedMembers_AreOneStream(int chunk)
    {
        byte[] many =
            [.. TestBytes.Compress(Content), .. TestBytes.Compress([]), .. TestBytes.Compress(Content, CompressionLevel.NoCompression),
            .. TestBytes.Compress([7])];
        byte[] expected = [.. Content, .. Content, 7];
        Assert.Equal(expected, Expand(many, chunk));
        Assert.Equal(expected, await ExpandAsync(many, chunk));
    }

    /// <summary>Extra field, name, comment and the header's checksum (RFC 1952, section 2.3.1), however the bytes come in.</summary>
    [Theory]
    [InlineData(0x04)]
    [InlineData(0x08)]
    [InlineData(0x10)]
    [InlineData(0x02)]
    [InlineData(0x1e)]
    public void Read_HeaderWithFields_ArrivingInPieces_IsPassedOver(byte flags)
    {
        byte[] member = WithFields(TestBytes.Compress(Content), flags);
        byte[] two = [.. member, .. member];
        foreach (int chunk in new[] { 1, 7, 11, 500, member.Length + 15, 1 << 20 })
            Assert.Equal([.. Content, .. Content], Expand(two, chunk));
    }

    [Theory]
    [InlineData(0x20)]
    [InlineData(0x40)]
    [InlineData(0x80)]
    public void Read_ReservedFlags_AreRefused(byte flag)
    {
        byte[] gzip = TestBytes.Compress(Content);
        gzip[3] |= flag;
        foreach (int chunk in new[] { 1, 1 << 20 })
            Assert.Equal("WCL3003", Assert.Throws<CompressionException>(() => Expand(gzip, chunk)).Code);
    }

    [Fact]
    public void Read_HeaderCutAnywhere_IsRefused()
    {
        byte[] gzip = WithFields(TestBytes.Compress(Content), 0x1e);
        for (int length = 2; length < 800; length++)
            Assert.Equal("WCL3004", Assert.Throws<CompressionException>(() => Expand(gzip[..length])).Code);
    }

    /// <summary>A name without an end is not collected for ever.</summary>
    [Fact]
    public void Read_HeaderWithoutEnd_IsRefused()
    {
        byte[] member = TestBytes.Compress(Content);
        byte[] endless = [.. member[..3], 0x08, .. member[4..10], .. Enumerable.Repeat((byte)'n', 4 << 20)];
        Assert.Throws<CompressionException>(() => Expand(endless));
    }

    [Fact]
    public void Read_AnyBufferSize_GivesTheSameBytes()
    {
        byte[] gzip = TestBytes.Compress(Content);
        for (int size = 1; size < 70; size++)
            Assert.Equal(Content, Expand(gzip, chunk: 4096, bufferSize: size));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    public void Read_ShortContent_IsWhole(int length)
    {
        byte[] content = TestBytes.MakeContent(length);
        Assert.Equal(content, Expand(TestBytes.Compress(content), chunk: 1 << 20, bufferSize: 5));
    }

    [Fact]
    public void Read_FlippedTrailerBit_IsRefused()
    {
        byte[] gzip = TestBytes.Compress(Content);
        for (int i = gzip.Length - 8; i < gzip.Length; i++)
        {
            byte[] damaged = [.. gzip];
            damaged[i] ^= 0x10;
            Assert.Throws<CompressionException>(() => Expand(damaged));
        }
    }

    [Fact]
    public void Read_EmptyInput_IsRefused()
    {
        using Stream stream = OpenGZip(new MemoryStream(), new ExpansionGuard(1000));
        Assert.Equal("WCL3004", Assert.Throws<CompressionException>(() => stream.Read(new byte[10])).Code);
    }

    [Fact]
    public void Read_BeyondTheExpansionRatio_IsRefused()
    {
        byte[] bomb = TestBytes.Compress(new byte[64 << 20]);
        LayerLimits limits = new() { ExpansionRatio = 900 };
        CompressionException e = Assert.Throws<CompressionException>(() => Expand(bomb, limits: limits));
        Assert.Equal("WCL3006", e.Code);
        Assert.Equal(64 << 20, Expand(bomb, limits: new LayerLimits { ExpansionRatio = 1100 }).Length);
    }

    private static byte[] WithFields(byte[] member, byte flags)
    {
        List<byte> header = [.. member[..3], flags, .. member[4..10]];
        if ((flags & 0x04) != 0)
            header.AddRange([0x2c, 0x01, .. Enumerable.Repeat((byte)'e', 300)]);
        if ((flags & 0x08) != 0)
            header.AddRange([.. Enumerable.Repeat((byte)'n', 600), 0]);
        if ((flags & 0x10) != 0)
            header.AddRange([.. Enumerable.Repeat((byte)'c', 40), 0]);
        if ((flags & 0x02) != 0)
        {
            uint checksum = Crc32(header);
            header.AddRange([(byte)checksum, (byte)(checksum >> 8)]);
        }

        return [.. header, .. member[10..]];
    }

    // The checksum of ISO 3309, bit by bit.
    private static uint Crc32(List<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        foreach (byte b in bytes)
        {
            checksum ^= b;
            for (int bit = 0; bit < 8; bit++)
                checksum = (checksum >> 1) ^ ((checksum & 1) * 0xEDB88320);
        }

        return ~checksum;
    }

    private protected abstract Stream Open(Stream compressed, LayerLimits? limits);

    private protected abstract Stream OpenGZip(Stream compressed, ExpansionGuard guard);

    private byte[] Expand(byte[] gzip, int chunk = 1 << 20, int bufferSize = 1 << 16, LayerLimits? limits = null)
    {
        using Stream stream = Open(new Chunked(gzip, chunk), limits);
        using MemoryStream all = new();
        byte[] buffer = new byte[bufferSize];
        while (stream.Read(buffer) is var count and > 0)
            all.Write(buffer, 0, count);
        Assert.Equal(0, stream.Read(buffer));
        return all.ToArray();
    }

    private async Task<byte[]> ExpandAsync(byte[] gzip, int chunk)
    {
        await using Stream stream = Open(new Chunked(gzip, chunk), limits: null);
        using MemoryStream all = new();
        await stream.CopyToAsync(all, TestContext.Current.CancellationToken);
        return all.ToArray();
    }
}

/// <summary>The framework's inflater, which is everywhere.</summary>
public sealed class FrameworkGZipTests : GZipTests
{
    private protected override Stream Open(Stream compressed, LayerLimits? limits) =>
        Decompression.Open(compressed, "application/gzip", limits, leaveOpen: false, inflater: null);

    private protected override Stream OpenGZip(Stream compressed, ExpansionGuard guard) =>
        new GZipReadStream(compressed, guard, leaveOpen: false);
}

/// <summary>ISA-L, where the system has it.</summary>
public sealed class IsalGZipTests : GZipTests
{
    private protected override Stream Open(Stream compressed, LayerLimits? limits) =>
        Decompression.Open(compressed, "application/gzip", limits, leaveOpen: false, Library());

    private protected override Stream OpenGZip(Stream compressed, ExpansionGuard guard) =>
        new IsalGZipStream(Library(), compressed, guard, leaveOpen: false);

    private static IsalLibrary Library()
    {
        Assert.SkipWhen(IsalLibrary.Instance is null, "ISA-L is not on this system: apt-get install libisal2");
        return IsalLibrary.Instance;
    }
}
