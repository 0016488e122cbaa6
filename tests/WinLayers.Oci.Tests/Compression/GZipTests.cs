using System.IO.Compression;
using WinLayers.Formats;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Compression;

/// <summary>What holds whoever inflates.</summary>
public abstract class GZipTests
{
    // RFC 1952, 2.3.1.
    private const int HeaderLength = 10;
    private const byte HasText = 1;
    private const byte HasHeaderChecksum = 2;
    private const byte HasExtra = 4;
    private const byte HasName = 8;
    private const byte HasComment = 16;

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

    // A header is read wherever the input is cut. ISA-L forgets the flags of one that comes in several pieces, and goes by what it finds
    // on the stack.
    [Theory]
    [InlineData(0)]
    [InlineData(HasText)]
    [InlineData(HasExtra)]
    [InlineData(HasName)]
    [InlineData(HasComment)]
    [InlineData(HasHeaderChecksum)]
    [InlineData(HasName | HasComment)]
    [InlineData(HasExtra | HasComment)]
    [InlineData(HasText | HasExtra | HasName | HasComment | HasHeaderChecksum)]
    public void Read_HeaderOfManyFieldsCutAnywhere_IsRead(byte flags)
    {
        byte[] member = WithHeader(flags);
        byte[] all = [.. member, .. member, .. member];
        foreach (int chunk in new[] { 1, 2, 3, 7, 11, 64, member.Length - 1, member.Length + 1, member.Length + 4, 1 << 20 })
            Assert.Equal([.. Content, .. Content, .. Content], Expand(all, chunk));
    }

    [Theory]
    [InlineData(HasHeaderChecksum)]
    [InlineData(HasExtra | HasName | HasHeaderChecksum)]
    public void Read_WrongHeaderChecksum_IsRefused(byte flags)
    {
        byte[] member = WithHeader(flags);
        int checksum = member.Length - TestBytes.Compress(Content).Length + HeaderLength - 2;
        for (int bit = 0; bit < 16; bit++)
        {
            byte[] wrong = [.. member];
            wrong[checksum + (bit / 8)] ^= (byte)(1 << (bit % 8));
            foreach (int chunk in new[] { 1, 7, 1 << 20 })
                Assert.Equal("WCL3003", Assert.Throws<CompressionException>(() => Expand(wrong, chunk)).Code);
        }
    }

    // RFC 1952, 2.3.1.2: a reader that passes over a reserved flag would take a header field that it does not know for data.
    [Theory]
    [InlineData(0x20)]
    [InlineData(0x40)]
    [InlineData(0x80)]
    public void Read_ReservedFlag_IsRefused(byte flag)
    {
        byte[] right = TestBytes.Compress(Content);
        byte[] wrong = [.. right];
        wrong[3] |= flag;
        foreach (int chunk in new[] { 1, 3, 7, 1 << 20 })
        {
            Assert.Equal("WCL3003", Assert.Throws<CompressionException>(() => Expand(wrong, chunk)).Code);
            Assert.Equal("WCL3003", Assert.Throws<CompressionException>(() => Expand([.. right, .. wrong], chunk)).Code);
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

    private protected abstract Stream Open(Stream compressed, LayerLimits? limits);

    private protected abstract Stream OpenGZip(Stream compressed, ExpansionGuard guard);

    private static byte[] WithHeader(byte flags)
    {
        byte[] plain = TestBytes.Compress(Content);
        List<byte> member = [.. plain[..3], flags, .. plain[4..HeaderLength]];
        if ((flags & HasExtra) != 0)
            member.AddRange([.. BitConverter.GetBytes((ushort)300), .. new byte[300]]);
        if ((flags & HasName) != 0)
            member.AddRange([.. "name"u8, 0]);
        if ((flags & HasComment) != 0)
            member.AddRange([.. Enumerable.Repeat((byte)'c', 700), 0]);
        if ((flags & HasHeaderChecksum) != 0)
            member.AddRange(TestBytes.Compress([.. member])[^8..^6]); // the lower half of the CRC-32 that a trailer starts with
        return [.. member, .. plain[HeaderLength..]];
    }

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
