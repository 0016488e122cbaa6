using System.Security.Cryptography;
using System.Text.Json;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Content;

public sealed class BlobStoreTests : IDisposable
{
    private static readonly byte[] Content = TestBytes.MakeContent(50_000);
    private static readonly Descriptor Blob = VerifyingStreamTests.Blob(Content, Content.Length);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Create_EmptyFolder_IsAnImageLayout()
    {
        await CreateAsync();
        Assert.Equal("1.0.0",
            JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["s/oci-layout"], Token)).RootElement.GetProperty("imageLayoutVersion")
            .GetString());
        Assert.Equal(0,
            JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["s/index.json"], Token)).RootElement.GetProperty("manifests")
            .GetArrayLength());
        Assert.Empty(BlobStore.Open(_folder["s"]).List());
    }

    [Fact]
    public async Task Create_FolderWithOtherThings_IsRefusedAndUntouched()
    {
        await File.WriteAllTextAsync(_folder["thesis.txt"], "important", Token);
        BlobStoreException e = await Assert.ThrowsAsync<BlobStoreException>(() => BlobStore.CreateAsync(_folder.FolderPath, Token));
        Assert.Contains("thesis.txt", e.Message, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.FolderPath));
    }

    [Fact]
    public void Open_NoLayout_IsRefused() =>
        Assert.Equal("WCL5001", Assert.Throws<BlobStoreException>(() => BlobStore.Open(_folder["nowhere"])).Code);

    [Fact]
    public async Task Put_RightBytes_AreThereAndReadBack()
    {
        BlobStore store = await CreateAsync();
        await store.PutAsync(Blob, new Chunked(Content, 999), Token);
        Assert.True(store.Contains(Blob));
        Assert.Equal([(Blob.Digest, Content.Length)], store.List());
        Assert.Equal(Content, await store.ReadAsync(Blob.Digest, Content.Length, Token));
        Assert.Empty(Directory.EnumerateFiles(_folder["s/tmp/blobs"]));
        Assert.True(store.Delete(Blob.Digest));
        Assert.False(store.Delete(Blob.Digest));
        Assert.Throws<BlobStoreException>(() => store.OpenRead(Blob.Digest));
    }

    [Fact]
    public async Task Put_WrongBytes_StoresNothing()
    {
        BlobStore store = await CreateAsync();
        byte[] wrong = [.. Content];
        wrong[17] ^= 1;
        await Assert.ThrowsAsync<DigestMismatchException>(() => store.PutAsync(Blob, new MemoryStream(wrong), Token));
        await Assert.ThrowsAsync<SizeMismatchException>(() => store.PutAsync(Blob, new MemoryStream([.. Content, 1]), Token));
        await Assert.ThrowsAsync<SizeMismatchException>(() => store.PutAsync(Blob, new MemoryStream(Content[..^1]), Token));
        Assert.Empty(store.List());
        await store.PutAsync(Blob, new MemoryStream(Content), Token);
        Assert.True(store.Contains(Blob));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(49_999)]
    [InlineData(50_000)]
    public async Task BeginWrite_AfterAnInterruption_GoesOnWhereItStopped(int written)
    {
        BlobStore store = await CreateAsync();
        using (BlobWriter first = Started(await store.BeginWriteAsync(Blob, Token)))
            first.Write(Content.AsSpan(0, written));
        using (BlobWriter second = Started(await store.BeginWriteAsync(Blob, Token)))
        {
            Assert.Equal(written, second.Offset);
            second.Write(Content.AsSpan(written));
            second.Commit();
        }

        Assert.Null(await store.BeginWriteAsync(Blob, Token));
        Assert.Equal(Content, await store.ReadAsync(Blob.Digest, Content.Length, Token));
    }

    [Fact]
    public async Task BeginWrite_PartialLongerThanTheBlob_StartsOver()
    {
        BlobStore store = await CreateAsync();
        Directory.CreateDirectory(_folder["s/tmp/blobs"]);
        await File.WriteAllBytesAsync(_folder[$"s/tmp/blobs/{Blob.Digest.Hex}.partial"], new byte[Content.Length + 1], Token);
        using BlobWriter writer = Started(await store.BeginWriteAsync(Blob, Token));
        Assert.Equal(0, writer.Offset);
    }

    [Fact]
    public async Task Commit_DamagedPartial_IsRefusedAndTheNextTrySucceeds()
    {
        BlobStore store = await CreateAsync();
        Directory.CreateDirectory(_folder["s/tmp/blobs"]);
        await File.WriteAllBytesAsync(_folder[$"s/tmp/blobs/{Blob.Digest.Hex}.partial"], new byte[100], Token);
        using (BlobWriter writer = Started(await store.BeginWriteAsync(Blob, Token)))
        {
            writer.Write(Content.AsSpan(100));
            Assert.Throws<DigestMismatchException>(writer.Commit);
            Assert.Equal(0, writer.Offset);
            writer.Write(Content);
            writer.Commit();
        }

        Assert.True(store.Contains(Blob));
    }

    [Fact]
    public async Task Put_SameBlobByManyAtOnce_AllSucceed()
    {
        BlobStore store = await CreateAsync();
        await Task.WhenAll(
            Enumerable.Range(0, 8)
            .Select(i => Task.Run(() => BlobStore.Open(store.Root).PutAsync(Blob, new Chunked(Content, 100 + i), Token), Token)));
        Assert.Equal(Content, await store.ReadAsync(Blob.Digest, Content.Length, Token));
        Assert.Empty(Directory.EnumerateFiles(_folder["s/tmp/blobs"]));
    }

    [Fact]
    public async Task OpenRead_LinkInPlaceOfABlob_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "symbolic links need a privilege on Windows");
        BlobStore store = await CreateAsync();
        await File.WriteAllBytesAsync(_folder["secret"], Content, Token);
        File.CreateSymbolicLink(store.PathOf(Blob.Digest), _folder["secret"]);
        Assert.Equal("WCL5003", Assert.Throws<DiskException>(() => store.OpenRead(Blob.Digest)).Code);
        Directory.CreateDirectory(store.PathOf(Digest.Parse("sha256:" + new string('0', 64))));
        Assert.Equal("WCL5003", Assert.Throws<DiskException>(() => store.OpenRead(Digest.Parse("sha256:" + new string('0', 64)))).Code);
    }

    [Fact]
    public async Task BeginWrite_LinkInPlaceOfAPartialFile_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "symbolic links need a privilege on Windows");
        BlobStore store = await CreateAsync();
        Directory.CreateDirectory(_folder["s/tmp/blobs"]);
        await File.WriteAllTextAsync(_folder["victim"], "keep me", Token);
        File.CreateSymbolicLink(_folder[$"s/tmp/blobs/{Blob.Digest.Hex}.partial"], _folder["victim"]);
        await Assert.ThrowsAsync<DiskException>(() => store.PutAsync(Blob, new MemoryStream(Content), Token));
        Assert.Equal("keep me", await File.ReadAllTextAsync(_folder["victim"], Token));
    }

    [Theory]
    [InlineData("blobs")]
    [InlineData("blobs/sha256")]
    [InlineData("tmp")]
    [InlineData("tmp/blobs")]
    public async Task Create_LayoutWithALinkForAFolder_WritesNothingThroughIt(string folder)
    {
        await CreateAsync();
        Directory.CreateDirectory(_folder["outside"]);
        string link = _folder[$"s/{folder}"];
        if (Directory.Exists(link))
            Directory.Delete(link, recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Directory.CreateSymbolicLink(link, _folder["outside"]);

        DiskException refused = await Assert.ThrowsAsync<DiskException>(CreateAsync);

        Assert.Equal("WCL5003", refused.Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["outside"]));
    }

    [Fact]
    public async Task Create_LayoutThatIsReachedByALink_TakesBlobsAndNames()
    {
        await CreateAsync();
        Directory.CreateSymbolicLink(_folder["link"], _folder["s"]);
        BlobStore store = await BlobStore.CreateAsync(_folder["link"], Token);
        await store.PutAsync(Blob, new MemoryStream(Content), Token);
        await store.Index.SetAsync("v1", Image(1), Token);
        Assert.True(BlobStore.Open(_folder["s"]).Contains(Blob));
        Assert.NotNull(BlobStore.Open(_folder["s"]).Index.Find("v1"));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/below")]
    public async Task Create_WhereAFileStands_SaysSo(string place)
    {
        await File.WriteAllTextAsync(_folder["file"], "kept", Token);
        BlobStoreException refused = await Assert.ThrowsAsync<BlobStoreException>(() => BlobStore.CreateAsync(_folder[place], Token));
        Assert.Contains("is a file, not a folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Index_ManyAtOnce_LoseNoName()
    {
        BlobStore store = await CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => store.Index.SetAsync($"tag{i}", Image(i), Token), Token)));
        Assert.Equal(20, store.Index.Read().Manifests.Count);
        Assert.Equal(Image(7).Digest, store.Index.Find("tag7")?.Digest);
    }

    [Fact]
    public async Task Index_ThatAnotherNameWouldMakeTooLarge_IsRefusedAndStays()
    {
        BlobStore store = await CreateAsync();
        await store.Index.SetAsync("v1", Image(1), Token);
        string file = _folder["s/index.json"];
        string index = await File.ReadAllTextAsync(file, Token);
        index = index[..index.LastIndexOf('}')] + ",\"filling\":\"\"}";
        index = index[..^2] + new string('x', (4 << 20) - index.Length) + "\"}";
        await File.WriteAllTextAsync(file, index, Token);

        await Assert.ThrowsAsync<ManifestException>(() => store.Index.SetAsync("v2", Image(2), Token));

        Assert.Equal(Image(1).Digest, store.Index.Find("v1")!.Digest);
        Assert.True(await store.Index.RemoveAsync("v1", Token));
        Assert.Empty(store.Index.Read().Manifests);
    }

    [Fact]
    public async Task Index_NameGivenAgain_MovesAndKeepsWhatOthersWrote()
    {
        BlobStore store = await CreateAsync();
        string foreign = $$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Image(1).Digest}}}","size":5,"artifactType":"kept","annotations":{"org.opencontainers.image.ref.name":"other"}}""";
        await File.WriteAllTextAsync(_folder["s/index.json"], $$$"""{"schemaVersion":2,"manifests":[{{{foreign}}}],"annotations":{"a":"b"}}""", Token);
        await store.Index.SetAsync("v1", Image(2), Token);
        await store.Index.SetAsync("v1", Image(3), Token);
        Assert.Equal(Image(3).Digest, store.Index.Find("v1")?.Digest);
        Assert.Equal(2, store.Index.Read().Manifests.Count);
        string text = await File.ReadAllTextAsync(_folder["s/index.json"], Token);
        Assert.Contains("\"artifactType\":\"kept\"", text, StringComparison.Ordinal);
        Assert.Equal("b", store.Index.Read().Annotations["a"]);
        Assert.True(await store.Index.RemoveAsync("v1", Token));
        Assert.False(await store.Index.RemoveAsync("v1", Token));
        Assert.True(await store.Index.RemoveAsync(Image(1).Digest, Token));
        Assert.Empty(store.Index.Read().Manifests);
    }

    private static Descriptor Image(int i) =>
        new() { MediaType = MediaTypes.OciManifest, Digest = Digest.FromHash(SHA256.HashData([(byte)i])), Size = 5 };

    private static BlobWriter Started(BlobWriter? writer) => writer ?? throw new InvalidOperationException("The blob is there already.");

    private Task<BlobStore> CreateAsync() => BlobStore.CreateAsync(_folder["s"], Token);
}
