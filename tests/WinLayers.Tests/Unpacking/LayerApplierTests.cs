using WinLayers.Formats;
using WinLayers.Formats.IO;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Tests.Hostile;
using WinLayers.Unpacking;
using WinLayers.Volumes;

namespace WinLayers.Tests.Unpacking;

public sealed class LayerApplierTests : IDisposable
{
    private static readonly byte[] BaseTar = LayerTar.New()
        .Directory("Files").File("Files/a.txt", "abc").Directory("Hives").File("Hives/System_Base", "regf").ToArray();

    private static readonly byte[] DiffTar = LayerTar.New()
        .Directory("Files").File("Files/b.txt", "b").HardLink("Files/link.txt", "Files/A.TXT").ToArray();

    private readonly TemporaryFolder _folder = new();
    private readonly LayerApplier _applier = new(PortableLayerHost.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Digest BaseId => ContentHash.Of(BaseTar);

    private static Digest DiffChain => ChainId.Of(BaseId, ContentHash.Of(DiffTar));

    private string Root => Path.Combine(_folder.FolderPath, "store");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Apply_DiffIdUnknown_IsFoundAtTheEnd_AndTheLayersAreWhole()
    {
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        byte[] blob = TestBytes.Compress(DiffTar);

        AppliedLayer below = await ApplyAsync(store, Base(), TestBytes.Compress(BaseTar));
        AppliedLayer applied = await ApplyAsync(store, Diff(blob), blob);

        Assert.False(below.WasPresent);
        Assert.Equal(BaseId, below.Identity.DiffId);
        Assert.Equal(ContentHash.Of(DiffTar), applied.Identity.DiffId);
        Assert.Equal(new LayerCounts(Entries: 3, Files: 1, ContentBytes: 1, DiffTar.Length, blob.Length), applied.Counts);
        Assert.Equal("abc", await File.ReadAllTextAsync(Path.Combine(applied.Folder, "Files", "link.txt"), Token));
        Assert.Equal([below.Folder], LayerChain.ReadFile(applied.Folder));
        using PortableTree tree = PortableTree.Open(applied.Folder);
        Assert.Equal(applied.Identity, tree.Identity);
        StoredLayer stored = store.TryGetLayer(DiffChain)!;
        Assert.Equal((applied.Identity, applied.Counts), (stored.Identity, stored.Counts));
        Assert.Empty((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
    }

    [Fact]
    public async Task Apply_DiffIdKnownOrNot_GivesTheSameIndex()
    {
        byte[] blob = TestBytes.Compress(DiffTar);
        AppliedLayer below = await _applier.ApplyAsync(Place("base"), [], Base(), new MemoryStream(TestBytes.Compress(BaseTar)), Token);

        await _applier.ApplyAsync(Place("known"), [below.Folder], Diff(blob) with { DiffId = ContentHash.Of(DiffTar) },
            new MemoryStream(blob), Token);
        await _applier.ApplyAsync(Place("unknown"), [below.Folder], Diff(blob), new MemoryStream(blob), Token);

        Assert.Equal(await File.ReadAllBytesAsync(Place("known/layer.jsonl"), Token),
            await File.ReadAllBytesAsync(Place("unknown/layer.jsonl"), Token));
        Assert.Equal(["base", "known", "unknown"],
            Directory.EnumerateFileSystemEntries(_folder.FolderPath).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Apply_WhereWhatFailedCannotBeRemoved_SaysSo_AndNamesTheBlob()
    {
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        byte[] blob = TestBytes.Compress(BaseTar);
        LayerToApply layer = Base() with { Blob = Base().Blob with { Digest = ContentHash.Of("another"u8) } };

        // Nothing is removed through a link.
        string temporary = Path.Combine(Root, "tmp");
        using SabotagingStream stream = new(blob, () =>
        {
            Directory.Move(temporary, temporary + ".moved");
            Directory.CreateSymbolicLink(temporary, temporary + ".moved");
        });
        DigestMismatchException failure =
            await Assert.ThrowsAsync<DigestMismatchException>(() => _applier.ApplyAsync(store, layer, stream, Token));

        Assert.Equal(layer.Blob.Digest.ToString(), failure.Blob);
        Assert.Contains(temporary, failure.Leftover, StringComparison.Ordinal);
        Assert.Contains($"not all of it could be removed: {failure.Leftover}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_WhatFailedIsRemoved_SaysNothingOfIt()
    {
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        LayerToApply layer = Base() with { Blob = Base().Blob with { Digest = ContentHash.Of("another"u8) } };

        DigestMismatchException failure = await Assert.ThrowsAsync<DigestMismatchException>(
            () => _applier.ApplyAsync(store, layer, new MemoryStream(TestBytes.Compress(BaseTar)), Token));

        Assert.Null(failure.Leftover);
        Assert.DoesNotContain("removed", failure.Message, StringComparison.Ordinal);
    }

    private sealed class SabotagingStream(byte[] bytes, Action act) : ReadOnlyStream
    {
        private readonly MemoryStream _bytes = new(bytes);
        private bool _acted;

        public override int Read(Span<byte> buffer)
        {
            if (!_acted)
                act();
            _acted = true;
            return _bytes.Read(buffer);
        }
    }

    [Fact]
    public async Task Apply_LayerThatIsThere_DoesNotReadTheBlob()
    {
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        AppliedLayer first = await ApplyAsync(store, Base(), TestBytes.Compress(BaseTar));

        AppliedLayer again = await _applier.ApplyAsync(store, Base(), new UnreadableStream(), Token);

        Assert.Equal(first with { WasPresent = true }, again);
    }

    [Fact]
    public async Task Apply_AnotherBlobThanNamed_IsRefused()
    {
        LayerToApply layer = Base() with { Blob = Blob(TestBytes.Compress(BaseTar)) with { Digest = ContentHash.Of("other"u8) } };
        DigestMismatchException refused = await RefusedAsync<DigestMismatchException>(layer, TestBytes.Compress(BaseTar));
        Assert.Equal(layer.Blob.Digest, refused.Expected);
    }

    [Fact]
    public async Task Apply_CutBlob_IsRefused()
    {
        byte[] blob = TestBytes.Compress(BaseTar);
        LayerToApply layer = Base() with { Blob = Blob(blob) };
        WinLayersException refused = await RefusedAsync<WinLayersException>(layer, blob[..^7]);
        Assert.True(refused is SizeMismatchException or CompressionException, refused.ToString());
    }

    [Fact]
    public async Task Apply_OtherTarThanTheChainIdSays_IsRefused()
    {
        byte[] blob = TestBytes.Compress(DiffTar);
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        await ApplyAsync(store, Base(), TestBytes.Compress(BaseTar));
        LayerToApply layer = Diff(blob) with { ChainId = ContentHash.Of("other chain"u8) };

        DigestMismatchException refused = await Assert.ThrowsAsync<DigestMismatchException>(() => ApplyAsync(store, layer, blob));

        Assert.Equal((layer.ChainId, DiffChain), (refused.Expected, refused.Actual));
        AssertLeft(store, layers: 1);
    }

    [Fact]
    public async Task Apply_OtherTarThanTheExpectedDiffId_IsRefused()
    {
        byte[] blob = TestBytes.Compress(BaseTar);
        LayerToApply layer = Base() with { DiffId = ContentHash.Of(DiffTar) };
        DigestMismatchException refused = await RefusedAsync<DigestMismatchException>(layer, blob);
        Assert.Equal((ContentHash.Of(DiffTar), BaseId), (refused.Expected, refused.Actual));
    }

    [Fact]
    public async Task Apply_HostileTar_IsRefusedByItsRule()
    {
        byte[] tar = LayerTar.New().Directory("Files").File("Files/../../out.txt", "x").ToArray();
        byte[] blob = TestBytes.Compress(tar);
        LayerToApply layer = new() { ChainId = ContentHash.Of(tar), Blob = Blob(blob) };
        LayerRefusedException refused = await RefusedAsync<LayerRefusedException>(layer, blob);
        Assert.Contains(layer.Blob.Digest.ToString(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_MoreEntriesThanTheLimit_IsRefused()
    {
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        LayerApplier strict = new(PortableLayerHost.Instance, new LayerLimits { Entries = 3 });
        byte[] blob = TestBytes.Compress(BaseTar);
        await Assert.ThrowsAsync<LayerRefusedException>(() => strict.ApplyAsync(store, Base(), new MemoryStream(blob), Token));
        AssertLeft(store, layers: 0);
    }

    [Fact]
    public async Task Apply_CancelledWhileItReads_LeavesNothing()
    {
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        using CancellationTokenSource stop = new();
        await using ActingStream blob = new(new MemoryStream(TestBytes.Compress(BaseTar)), stop.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _applier.ApplyAsync(store, Base(), blob, stop.Token));

        AssertLeft(store, layers: 0);
    }

    [Fact]
    public async Task Apply_TwoAtOnce_OneMakesItAndTheOtherTakesIt()
    {
        LayerStore[] stores = [await LayerStore.OpenAsync(Root, Token), await LayerStore.OpenAsync(Root, Token)];
        byte[] bytes = TestBytes.Compress(BaseTar);
        Task<AppliedLayer>? second = null;
        await using ActingStream blob =
            new(new MemoryStream(bytes), () => second ??= _applier.ApplyAsync(stores[1], Base(), new UnreadableStream(), Token));

        AppliedLayer first = await _applier.ApplyAsync(stores[0], Base(), blob, Token);

        Assert.False(first.WasPresent);
        Assert.Equal(first with { WasPresent = true }, await second!);
    }

    [Fact]
    public async Task Apply_LayerBelowIsNotThere_SaysSo()
    {
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        byte[] blob = TestBytes.Compress(DiffTar);
        await Assert.ThrowsAsync<StoreException>(() => ApplyAsync(store, Diff(blob), blob));
        AssertLeft(store, layers: 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Apply_IntoAFolder_IsThereWholeOrNotAtAll(bool inPlace)
    {
        LayerApplier applier = new(new FailingHost(int.MaxValue, inPlace));
        byte[] blob = TestBytes.Compress(BaseTar);

        await Assert.ThrowsAsync<DigestMismatchException>(
            () => applier.ApplyAsync(Place("layer"), [], Base() with { DiffId = ContentHash.Of("other"u8) }, new MemoryStream(blob),
                Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FolderPath));
        Directory.CreateDirectory(Place("layer"));
        AppliedLayer applied = await applier.ApplyAsync(Place("layer"), [], Base(), new MemoryStream(blob), Token);

        Assert.Equal(Place("layer"), applied.Folder);
        Assert.Equal([Place("layer")], Directory.EnumerateFileSystemEntries(_folder.FolderPath));
        PortableLayerHost host = PortableLayerHost.Instance;
        Assert.Empty(host.Verify(applied.Folder, [], applied.Identity, cancellationToken: Token).Problems);
        await Assert.ThrowsAsync<DiskException>(() => applier.ApplyAsync(Place("layer"), [], Base(), new MemoryStream(blob), Token));
        Assert.True(File.Exists(Path.Combine(Place("layer"), "Files", "a.txt")));
    }

    [Fact]
    public async Task Apply_ParentsWithoutTheirChainId_IsTheCallersMistake() => await Assert.ThrowsAsync<ArgumentException>(
        () => _applier.ApplyAsync(Place("layer"), ["/below"], Base(), new UnreadableStream(), Token));

    private static Descriptor Blob(byte[] blob) => ImageFixture.Of(MediaTypes.OciLayerGZip, blob);

    private static LayerToApply Base() => new() { ChainId = BaseId, Blob = Blob(TestBytes.Compress(BaseTar)) };

    private static LayerToApply Diff(byte[] blob) => new() { ChainId = DiffChain, ParentChainId = BaseId, Blob = Blob(blob) };

    private string Place(string name) => Path.Combine(_folder.FolderPath, name);

    private Task<AppliedLayer> ApplyAsync(LayerStore store, LayerToApply layer, byte[] blob) =>
        _applier.ApplyAsync(store, layer, new MemoryStream(blob), Token);

    private async Task<T> RefusedAsync<T>(LayerToApply layer, byte[] blob)
        where T : Exception
    {
        LayerStore store = await LayerStore.OpenAsync(Root, Token);
        Exception refused = await Assert.ThrowsAnyAsync<T>(() => ApplyAsync(store, layer, blob));
        AssertLeft(store, layers: 0);
        return (T)refused;
    }

    private static void AssertLeft(LayerStore store, int layers)
    {
        Assert.Equal(layers, Directory.EnumerateFileSystemEntries(Path.Combine(store.Root, "layers")).Count());
        Assert.Equal(["locks"],
            Directory.EnumerateFileSystemEntries(Path.Combine(store.Root, "tmp")).Select(Path.GetFileName)
            .Where(name => name is not ("blobs" or "index.lock")));
    }

    private sealed class UnreadableStream : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => throw new InvalidOperationException("the blob was read");

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("the blob was read");
    }

    private sealed class ActingStream(Stream inner, Action act) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            act();
            return inner.Read(buffer);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
