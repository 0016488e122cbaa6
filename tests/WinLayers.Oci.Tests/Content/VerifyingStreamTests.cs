using System.Security.Cryptography;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Content;

public sealed class VerifyingStreamTests
{
    private static readonly byte[] Content = TestBytes.MakeContent(5000);

    [Theory]
    [InlineData(1)]
    [InlineData(4999)]
    [InlineData(5000)]
    [InlineData(1 << 16)]
    public async Task Read_RightContent_EndsVerified(int chunk)
    {
        using VerifyingStream sync = new(new Chunked(Content, chunk), Blob(Content, Content.Length));
        Assert.Equal(Content, ReadAll(sync));
        Assert.True(sync.IsVerified);
        await using VerifyingStream async = new(new Chunked(Content, chunk), Blob(Content, Content.Length));
        using MemoryStream all = new();
        await async.CopyToAsync(all, TestContext.Current.CancellationToken);
        Assert.Equal(Content, all.ToArray());
        Assert.True(async.IsVerified);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(+1)]
    public void Read_SizeOffByOne_IsRefused(int by)
    {
        using VerifyingStream stream = new(new Chunked(Content, 512), Blob(Content, Content.Length + by));
        SizeMismatchException e = Assert.Throws<SizeMismatchException>(() => ReadAll(stream));
        Assert.Equal(Content.Length + by, e.Expected);
        Assert.Equal("WCL3002", e.Code);
    }

    [Fact]
    public void Read_OtherBytesOfTheRightSize_AreRefusedAtTheEnd()
    {
        byte[] other = [.. Content];
        other[^1] ^= 1;
        using VerifyingStream stream = new(new Chunked(other, 512), Blob(Content, Content.Length));
        DigestMismatchException e = Assert.Throws<DigestMismatchException>(() => ReadAll(stream));
        Assert.Equal(Content.Length, e.BytesRead);
        Assert.False(stream.IsVerified);
    }

    [Fact]
    public void Read_IntoAnEmptyBuffer_IsNotTheEnd()
    {
        using VerifyingStream stream = new(new MemoryStream(Content), Blob(Content, Content.Length));
        Assert.Equal(0, stream.Read([]));
        Assert.False(stream.IsVerified);
        Assert.Equal(Content, ReadAll(stream));
    }

    [Fact]
    public void Read_Sha512_IsVerified()
    {
        Digest digest = Digest.FromHash(SHA512.HashData(Content));
        using VerifyingStream stream = new(new MemoryStream(Content), "layer", digest, size: null);
        Assert.Equal(Content, ReadAll(stream));
        Assert.True(stream.IsVerified);
    }

    internal static Descriptor Blob(byte[] content, long size) =>
        new() { MediaType = MediaTypes.OciLayer, Digest = Digest.FromHash(SHA256.HashData(content)), Size = size };

    private static byte[] ReadAll(Stream stream)
    {
        using MemoryStream all = new();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
