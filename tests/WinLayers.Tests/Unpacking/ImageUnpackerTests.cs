using System.Security.Cryptography;
using WinLayers.Formats;
using WinLayers.Formats.IO;
using WinLayers.Oci.Content;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Unpacking;

namespace WinLayers.Tests.Unpacking;

public sealed class ImageUnpackerTests : IDisposable
{
    private static readonly byte[] BaseTar = LayerTar.New()
        .Directory("Files").File("Files/a.txt", "a").File("Files/gone.txt", "gone").Directory("Hives").File("Hives/System_Base", "regf")
            .ToArray();

    private static readonly byte[] DiffTar = LayerTar.New()
        .Directory("Files").File("Files/b.txt", "b").Whiteout("Files/gone.txt").HardLink("Files/link.txt", "Files/A.TXT").ToArray();

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Unpack_GivesTheChainChildToParent_AndTheStoreHasIt()
    {
        LayerStore store = await OpenStoreAsync();
        UnpackedImage image = await UnpackAsync(store, await ImageAsync(BaseTar, DiffTar));

        Assert.Equal(2, image.Layers.Count);
        Assert.Equal(ImageFixture.DigestOf(BaseTar), image.Layers[1].Layer.Identity.DiffId);
        Assert.Equal(image.Layers[1].Layer.Identity.ChainId, image.Layers[0].Layer.Identity.ParentChainId);
        Assert.Equal("a", await File.ReadAllTextAsync(Path.Combine(image.Layers[0].Layer.Folder, "Files", "link.txt"), Token));
        Assert.Equal("regf", await File.ReadAllTextAsync(Path.Combine(image.Layers[1].Layer.Folder, "Hives", "System_Base"), Token));
        Assert.All(image.Layers, layer => Assert.False(layer.WasPresent));
        Assert.Equal(["read", "inflate", "diffid", "write", "finish"], image.Layers[0].Stages.Select(stage => stage.Stage));
        Assert.Equal(BaseTar.Length, image.Layers[1].Stages.Single(stage => stage.Stage == "diffid").Bytes);
        Assert.Empty((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
        Assert.Equal(image.ManifestDigest, Assert.Single(store.ListImages()).ManifestDigest);
        Assert.Equal(image.ManifestDigest, store.Blobs.Index.Find("tested")!.Digest);
    }

    [Fact]
    public async Task UnpackingAgain_FindsEverything_AndReadsNoBlob()
    {
        LayerStore store = await OpenStoreAsync();
        IImageSource source = await ImageAsync(BaseTar, DiffTar);
        await UnpackAsync(store, source);
        var noBlobs = new ChangedSource(
            source, (blob, stream) =>
                MediaTypes.IsLayer(blob.MediaType) ? throw new InvalidOperationException("a layer was read") : stream);

        UnpackedImage again = await UnpackAsync(store, noBlobs);

        Assert.All(again.Layers, layer => Assert.True(layer.WasPresent));
    }

    [Fact]
    public async Task UnpackingAgain_WritesNothing_SoThatAStoreMayBeReadOnly()
    {
        LayerStore store = await OpenStoreAsync();
        IImageSource source = await ImageAsync(BaseTar, DiffTar);
        await UnpackAsync(store, source);
        await store.Blobs.Index.SetAsync("another", store.Blobs.Index.Find("tested")!, Token);

        // Whoever wants to write the index or the records waits for these locks.
        await using FileStream index = ExclusiveFile.TryOpen(Path.Combine(store.Root, "tmp", "index.lock"))!;
        await using FileStream records = ExclusiveFile.TryOpen(Path.Combine(store.Root, "tmp", "locks", "images"))!;
        UnpackedImage again = await UnpackAsync(store, source).WaitAsync(TimeSpan.FromMinutes(5), Token);

        Assert.All(again.Layers, layer => Assert.True(layer.WasPresent));
        Assert.Equal(again.ManifestDigest, store.Blobs.Index.Find("tested")!.Digest);
    }

    [Fact]
    public async Task ImagesThatShareALayer_ShareItsFolder()
    {
        LayerStore store = await OpenStoreAsync();
        await UnpackAsync(store, await ImageAsync(BaseTar));
        UnpackedImage image = await UnpackAsync(store, await ImageAsync(BaseTar, DiffTar));

        Assert.True(image.Layers[1].WasPresent);
        Assert.False(image.Layers[0].WasPresent);
        Assert.Equal(2, store.ListLayers().Count);
    }

    [Fact]
    public async Task TheSameBlobTwice_IsFetchedOnce_AndBecomesTwoLayers()
    {
        LayerStore store = await OpenStoreAsync();
        int fetched = 0;
        var counted = new ChangedSource(await ImageAsync(BaseTar, DiffTar, DiffTar), (blob, stream) =>
        {
            fetched += MediaTypes.IsLayer(blob.MediaType) ? 1 : 0;
            return stream;
        });

        UnpackedImage image = await UnpackAsync(store, counted);

        Assert.Equal(2, fetched);
        Assert.Equal(3, image.Layers.Select(layer => layer.Layer.Identity.ChainId).Distinct().Count());
    }

    [Fact]
    public async Task AnotherDiffId_IsRefused_AndLeavesTheStoreAsItWas()
    {
        LayerStore store = await OpenStoreAsync();
        byte[] other = [.. DiffTar, .. new byte[512]];
        IImageSource source = await UnpackImage.OfAsync(
            await LayoutAsync(), [BaseTar, DiffTar], [TestBytes.Compress(BaseTar), TestBytes.Compress(other)]);

        DigestMismatchException refused = await Assert.ThrowsAsync<DigestMismatchException>(() => UnpackAsync(store, source));

        Assert.Equal(ImageFixture.DigestOf(DiffTar), refused.Expected);
        Assert.Equal(ImageFixture.DigestOf(other), refused.Actual);
        Assert.Single(store.ListLayers());
        Assert.Empty(store.ListImages());
        AssertNoLeftovers(store);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(-3)]
    public async Task ADamagedBlob_IsBlamedByItsDigest_NotByItsCompression(int position)
    {
        LayerStore store = await OpenStoreAsync();
        var flipped = new ChangedSource(await ImageAsync(BaseTar), (blob, stream) =>
        {
            if (!MediaTypes.IsLayer(blob.MediaType))
                return stream;
            var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            byte[] damaged = bytes.ToArray();
            damaged[position < 0 ? damaged.Length + position : position] ^= 0x40;
            return new MemoryStream(damaged);
        });

        await Assert.ThrowsAsync<DigestMismatchException>(() => UnpackAsync(store, flipped));

        Assert.Empty(store.ListLayers());
        AssertNoLeftovers(store);
        await UnpackAsync(store, await ImageAsync(BaseTar));
    }

    [Fact]
    public async Task ARefusedEntry_SaysItsLayer()
    {
        LayerStore store = await OpenStoreAsync();
        byte[] hostile = LayerTar.New().Directory("Files").File("Files/../../evil", "x").ToArray();

        LayerRefusedException refused =
            await Assert.ThrowsAsync<LayerRefusedException>(async () => await UnpackAsync(store, await ImageAsync(hostile)));

        Assert.Equal(ImageFixture.DigestOf(TestBytes.Compress(hostile)).ToString(), refused.Layer);
        Assert.Equal("Files/../../evil", refused.EntryName);
        Assert.Empty(store.ListLayers());
        AssertNoLeftovers(store);
    }

    [Fact]
    public async Task ABrokenTransfer_GoesOnWhereItStopped()
    {
        LayerStore store = await OpenStoreAsync();
        byte[] tar = LayerTar.New().Directory("Files").File("Files/big.bin", RandomNumberGenerator.GetBytes(900_000)).ToArray();
        IImageSource source = await ImageAsync(tar);
        var broken = new ChangedSource(source,
            (blob, stream) => MediaTypes.IsLayer(blob.MediaType) ? new CutStream(stream, 400_000) : stream);
        await Assert.ThrowsAsync<IOException>(() => UnpackAsync(store, broken));
        long firstOffset = -1;
        var watched = new ChangedSource(source, (blob, stream) =>
        {
            if (MediaTypes.IsLayer(blob.MediaType))
                firstOffset = stream.Position;
            return stream;
        });

        await UnpackAsync(store, watched);

        Assert.Equal(400_000, firstOffset);
        Assert.Empty((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
    }

    [Fact]
    public async Task Cancelled_ItStops_AndLeavesNothingHalfMade()
    {
        LayerStore store = await OpenStoreAsync();
        using var cancel = new CancellationTokenSource();
        byte[] tar = LayerTar.New().Directory("Files").File("Files/big.bin", RandomNumberGenerator.GetBytes(900_000)).ToArray();
        var slow = new ChangedSource(await ImageAsync(tar), (blob, stream) =>
            MediaTypes.IsLayer(blob.MediaType) ? new CutStream(stream, 300_000, atCut: cancel.Cancel) : stream);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ImageUnpacker(store, PortableLayerHost.Instance)
                .UnpackAsync(slow, request: null, imageName: null, progress: null, cancel.Token));

        Assert.Empty(store.ListLayers());
        AssertNoLeftovers(store);
    }

    [Fact]
    public async Task TwoAtOnce_BothSucceed()
    {
        LayerStore[] stores = [await OpenStoreAsync(), await OpenStoreAsync()];
        IImageSource source = await ImageAsync(BaseTar, DiffTar);

        UnpackedImage[] images = await Task.WhenAll(stores.Select(store => Task.Run(() => UnpackAsync(store, source))));

        Assert.Equal(images[0].Layers.Select(layer => layer.Layer.Folder), images[1].Layers.Select(layer => layer.Layer.Folder));
        Assert.Empty((await stores[0].VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
        AssertNoLeftovers(stores[0]);
    }

    [Fact]
    public async Task Progress_EndsWithEveryLayerDone()
    {
        LayerStore store = await OpenStoreAsync();
        var last = new LastReport();
        await new ImageUnpacker(store, PortableLayerHost.Instance).UnpackAsync(
            await ImageAsync(BaseTar, DiffTar), request: null, imageName: null, last, Token);

        Assert.Equal([LayerState.Done, LayerState.Done], last.Value!.Layers.Select(layer => layer.State));
        Assert.Equal([5, 4], last.Value.Layers.Select(layer => layer.Entries));
    }

    private static void AssertNoLeftovers(LayerStore store) =>
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(Path.Combine(store.Root, "tmp"), "*", SearchOption.AllDirectories),
            path => Path.GetFileName(path) is "Files" or "layer.jsonl");

    private async Task<LayerStore> OpenStoreAsync() => await LayerStore.OpenAsync(_folder["store"], Token);

    private async Task<BlobStore> LayoutAsync() => await BlobStore.CreateAsync(_folder["layout"], Token);

    private async Task<IImageSource> ImageAsync(params byte[][] tars) => await UnpackImage.OfAsync(await LayoutAsync(), tars);

    private static Task<UnpackedImage> UnpackAsync(LayerStore store, IImageSource source) =>
        new ImageUnpacker(store, PortableLayerHost.Instance).UnpackAsync(source, request: null, "tested", progress: null, Token);

    private sealed class LastReport : IProgress<UnpackProgress>
    {
        public UnpackProgress? Value { get; private set; }

        public void Report(UnpackProgress value) => Value = value;
    }

    private sealed class CutStream(Stream inner, long cut, Action? atCut = null) : ReadOnlyStream
    {
        private long _read;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_read == cut)
            {
                atCut?.Invoke();
                cancellationToken.ThrowIfCancellationRequested();
                throw new IOException("connection lost");
            }

            int count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, cut - _read)], cancellationToken);
            _read += count;
            return count;
        }
    }
}
