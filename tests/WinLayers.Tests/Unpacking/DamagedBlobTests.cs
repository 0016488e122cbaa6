using WinLayers.Oci.Content;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Unpacking;

namespace WinLayers.Tests.Unpacking;

/// <summary>A blob that rots in the store is never trusted, and comes back from wherever there is a whole one.</summary>
public sealed class DamagedBlobTests : IDisposable
{
    private static readonly byte[] BaseTar = LayerTar.New().Directory("Files").File("Files/a.txt", "a").ToArray();
    private static readonly byte[] DiffTar = LayerTar.New().Directory("Files").File("Files/b.txt", "b").ToArray();

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(20)]
    [InlineData(-3)]
    [InlineData(null)]
    public async Task Unpack_WithAnotherSource_FetchesDamagedBlobsAnew(int? position)
    {
        LayerStore store = await OpenStoreAsync();
        IImageSource source = await ImageAsync();
        await CopyAsync(source, store.Blobs);
        Digest[] layers = [BlobOf(BaseTar), BlobOf(DiffTar)];
        foreach (Digest layer in layers)
            Damage(store.Blobs, layer, position);

        await UnpackAsync(store, source);

        Assert.Equal(2, store.ListLayers().Count);
        foreach (Digest layer in layers)
            Assert.Equal(layer, ImageFixture.DigestOf(await File.ReadAllBytesAsync(store.Blobs.PathOf(layer), Token)));
        Assert.Empty(Directory.GetFiles(Path.Combine(store.Root, "tmp", "blobs"), "*.partial"));
    }

    [Fact]
    public async Task Unpack_OfTheStoreItself_NamesTheFileAndTheRemedy_AndTheNextSourceHeals()
    {
        LayerStore store = await OpenStoreAsync();
        IImageSource source = await ImageAsync();
        await CopyAsync(source, store.Blobs);
        string path = store.Blobs.PathOf(BlobOf(BaseTar));
        Damage(store.Blobs, BlobOf(BaseTar), 20);

        BlobStoreException refused =
            await Assert.ThrowsAsync<BlobStoreException>(() => UnpackAsync(store, OciLayoutSource.Open(store.Blobs, "copied")));

        Assert.Equal("WCL5006", refused.Code);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Fetch it again", refused.Remedy, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
        Assert.Empty(store.ListLayers());
        await UnpackAsync(store, source);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Unpack_SeveralAtOnceOverADamagedBlob_AllSucceed()
    {
        IImageSource source = await ImageAsync();
        LayerStore first = await OpenStoreAsync();
        await CopyAsync(source, first.Blobs);
        Damage(first.Blobs, BlobOf(BaseTar), 20);
        Damage(first.Blobs, BlobOf(DiffTar), 20);

        await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await UnpackAsync(await OpenStoreAsync(), source), Token)));

        Assert.Equal(2, first.ListLayers().Count);
        Assert.Empty((await first.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Copy_ThatVerifiesWhatIsPresent_BringsDamagedBlobsAnew(bool verify)
    {
        LayerStore store = await OpenStoreAsync();
        IImageSource source = await ImageAsync();
        await CopyAsync(source, store.Blobs);
        Damage(store.Blobs, BlobOf(BaseTar), 20);

        CopyResult again = await CopyAsync(source, store.Blobs, CopyOptions.Default with { VerifyPresent = verify });

        Assert.Equal(verify ? (1, 2) : (0, 3), (again.Copied, again.Present));
        Assert.Equal(verify,
            BlobOf(BaseTar) == ImageFixture.DigestOf(await File.ReadAllBytesAsync(store.Blobs.PathOf(BlobOf(BaseTar)), Token)));
    }

    [Fact]
    public async Task Copy_FromALayoutWithADamagedBlob_NamesTheFileAndLeavesIt()
    {
        IImageSource source = await ImageAsync();
        BlobStore layout = await BlobStore.CreateAsync(_folder["layout"], Token);
        Damage(layout, BlobOf(BaseTar), 20);

        BlobStoreException refused =
            await Assert.ThrowsAsync<BlobStoreException>(async () => await CopyAsync(source, (await OpenStoreAsync()).Blobs));

        Assert.Contains(layout.PathOf(BlobOf(BaseTar)), refused.Message, StringComparison.Ordinal);
        Assert.True(layout.Contains(BlobOf(BaseTar)));
    }

    [Fact]
    public async Task PutAsync_DocumentThatIsThereAndDamaged_ReplacesIt()
    {
        BlobStore blobs = (await OpenStoreAsync()).Blobs;
        byte[] document = "{\"a\":1}"u8.ToArray();
        Digest digest = ImageFixture.DigestOf(document);
        await blobs.PutAsync(digest, document, Token);
        Damage(blobs, digest, 3);
        DigestMismatchException refused = await Assert.ThrowsAsync<DigestMismatchException>(() => blobs.ReadAsync(digest, 100, Token));
        Assert.Contains(blobs.PathOf(digest), refused.Message, StringComparison.Ordinal);

        await blobs.PutAsync(digest, document, Token);

        Assert.Equal(document, await blobs.ReadAsync(digest, 100, Token));
    }

    private static Digest BlobOf(byte[] tar) => ImageFixture.DigestOf(TestBytes.Compress(tar));

    // Null cuts the blob short.
    private static void Damage(BlobStore blobs, Digest digest, int? position)
    {
        byte[] bytes = File.ReadAllBytes(blobs.PathOf(digest));
        if (position is { } at)
            bytes[at < 0 ? bytes.Length + at : at] ^= 1;
        File.WriteAllBytes(blobs.PathOf(digest), position is null ? bytes[..^5] : bytes);
    }

    private async Task<LayerStore> OpenStoreAsync() => await LayerStore.OpenAsync(_folder["store"], Token);

    private async Task<IImageSource> ImageAsync() =>
        await UnpackImage.OfAsync(await BlobStore.CreateAsync(_folder["layout"], Token), BaseTar, DiffTar);

    private static Task<CopyResult> CopyAsync(IImageSource source, BlobStore blobs, CopyOptions? options = null) =>
        ImageCopier.CopyAsync(source, OciLayoutTarget.Open(blobs, "copied"), options ?? CopyOptions.Default, progress: null, Token);

    private static Task<UnpackedImage> UnpackAsync(LayerStore store, IImageSource source) =>
        new ImageUnpacker(store, PortableLayerHost.Instance).UnpackAsync(source, request: null, "copied", progress: null, Token);
}
