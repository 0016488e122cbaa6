using WinLayers.Hosts;
using WinLayers.Oci;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Samples;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Unpacking;

namespace WinLayers.Tests.Storage;

public sealed class StoreVerifierTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private LayerStore _store = null!;
    private ResolvedImage _image = null!;
    private Digest _manifest;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await LayerStore.OpenAsync(_folder["store"], Token);
        await using IImageSource source = await ImageTransports.Standard().WithSamples().OpenAsync("sample:", Token);
        _image = await ImageResolver.ResolveAsync(source, request: null, Token);
        _manifest = _image.Manifest.Raw.Digest;
        await new ImageUnpacker(_store, PortableLayerHost.Instance).UnpackAsync(source, cancellationToken: Token);
        foreach (ResolvedLayer layer in _image.Layers)
            await BlobFetcher.FetchAsync(source, _store.Blobs, layer.Descriptor, progress: null, Token);
        await _store.Blobs.PutAsync(_image.Manifest.Config.Digest, _image.ConfigBytes, Token);
        await _store.Blobs.PutAsync(_manifest, _image.Manifest.Raw.Bytes, Token);
        await _store.Blobs.Index.SetAsync("sample", _image.Manifest.Descriptor, Token);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Verify_WholeStore_CountsWhatItRead_AndTellsStageByStage()
    {
        List<StoreCheckProgress> told = [];

        StoreReport found =
            await new StoreVerifier(_store, PortableLayerHost.Instance).VerifyAsync(images: null, new Told(told.Add), Token);

        Assert.Empty(found.Problems);
        Assert.Empty(found.NotChecked);
        Assert.Equal((3, 5), (found.Layers, found.Blobs));
        Assert.True(found.Files > 0 && found.BytesRead > 0);
        Assert.Equal(
            [(StoreCheckStage.Layers, found.Files), (StoreCheckStage.Blobs, 3)],
                told.Where(report => report.IsDone).Select(report => (report.Stage, report.Count)));
        Assert.Equal(told.OrderBy(report => report.Stage).Select(report => report.Stage), told.Select(report => report.Stage));
    }

    [Fact]
    public async Task Verify_FlippedByte_IsChanged_AndPullMendsIt()
    {
        Digest blob = _image.Layers[1].Descriptor.Digest;
        await FlipAsync(_store.Blobs.PathOf(blob));

        StoreProblem problem = await VerifyOneAsync();

        Assert.Equal((blob.ToString(), LayerProblemKind.Changed, StoreRemedy.Pull), (problem.Where, problem.Kind, problem.Remedy));
        Assert.Equal("sample:default", problem.Reference);
        Assert.DoesNotContain("winlayers", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("layer")]
    [InlineData("configuration")]
    [InlineData("manifest")]
    public async Task Verify_DeletedBlob_IsMissing(string what)
    {
        Digest blob = what switch
        {
            "layer" => _image.Layers[0].Descriptor.Digest,
            "manifest" => _manifest,
            _ => _image.Manifest.Config.Digest,
        };
        File.Delete(_store.Blobs.PathOf(blob));

        StoreProblem problem = await VerifyOneAsync();

        Assert.Equal((blob.ToString(), LayerProblemKind.Missing, StoreRemedy.Pull), (problem.Where, problem.Kind, problem.Remedy));
    }

    [Fact]
    public async Task Verify_BlobThatNoImageNeeds_IsCheckedWithTheWholeStoreAlone()
    {
        byte[] bytes = [1, 2, 3];
        Digest blob = ImageFixture.DigestOf(bytes);
        await _store.Blobs.PutAsync(blob, bytes, Token);
        await FlipAsync(_store.Blobs.PathOf(blob));

        StoreProblem problem = await VerifyOneAsync();

        Assert.Equal((blob.ToString(), StoreRemedy.Collect, (string?)null), (problem.Where, problem.Remedy, problem.Reference));
        Assert.Empty(
            (await new StoreVerifier(_store, PortableLayerHost.Instance)
            .VerifyAsync(_store.ListImages(), cancellationToken: Token)).Problems);
    }

    [Fact]
    public async Task Verify_ChangedFileOfALayer_IsFoundByTheLayersAlone()
    {
        StoredLayer layer = _store.TryGetLayer(_image.Layers[0].ChainId)!;
        await FlipAsync(Path.Combine(layer.Folder, "Files", "License.txt"));

        StoreReport found =
            await new StoreVerifier(_store, PortableLayerHost.Instance)
            .VerifyLayersAsync([layer.Identity.ChainId], cancellationToken: Token);

        StoreProblem problem = Assert.Single(found.Problems);
        Assert.Equal((layer.Folder, @"Files\License.txt", LayerProblemKind.Changed), (problem.Where, problem.Path, problem.Kind));
        Assert.Equal((1, 0), (found.Layers, found.Blobs));
        Assert.Empty(
            (await new StoreVerifier(_store, PortableLayerHost.Instance)
            .VerifyLayersAsync([_image.Layers[2].ChainId], cancellationToken: Token)).Problems);
    }

    [Fact]
    public async Task Verify_RecordWithAnotherChain_IsDamaged_AndRepairMendsIt()
    {
        await _store.ForgetImageAsync(_manifest, Token);
        await _store.RecordImageAsync(new ImageRecord(_manifest, ["sample:default"], [_image.Layers[0].ChainId]), Token);

        StoreProblem problem = await VerifyOneAsync();

        Assert.Equal(Path.Combine(_store.Root, "images", _manifest.Hex + ".json"), problem.Where);
        Assert.Equal((LayerProblemKind.Damaged, StoreRemedy.Repair), (problem.Kind, problem.Remedy));
    }

    [Fact]
    public async Task Verify_Cancelled_Stops()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new StoreVerifier(_store, PortableLayerHost.Instance).VerifyAsync(cancellationToken: stop.Token));
    }

    private async Task<StoreProblem> VerifyOneAsync() =>
        Assert.Single((await new StoreVerifier(_store, PortableLayerHost.Instance).VerifyAsync(cancellationToken: Token)).Problems);

    private static async Task FlipAsync(string path)
    {
        byte[] bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);
    }

    private sealed class Told(Action<StoreCheckProgress> take) : IProgress<StoreCheckProgress>
    {
        public void Report(StoreCheckProgress value) => take(value);
    }
}
