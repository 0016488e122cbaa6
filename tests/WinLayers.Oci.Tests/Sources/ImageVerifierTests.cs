using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Sources;

public sealed class ImageVerifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verify_WholeImage_ReadsEveryLayer_AndTellsOfEach()
    {
        (BlobStore store, ResolvedImage image) = await MakeAsync();
        List<TransferProgress> told = [];

        ImageVerification found = await VerifyAsync(store, image, told);

        Assert.Empty(found.Problems);
        Assert.Equal(4, found.Blobs);
        Assert.Equal(ImageFixture.Tar("Files/0.txt", "one").Length + ImageFixture.Tar("Files/1.txt", "two").Length, found.BytesRead);
        Assert.Equal(
            image.Layers.Select(layer => layer.Descriptor.Digest),
                told.Where(report => report.State == TransferState.Done).Select(report => report.Blob.Digest));
    }

    [Fact]
    public async Task Verify_FlippedByte_IsAProblemOfThatLayerAlone()
    {
        (BlobStore store, ResolvedImage image) = await MakeAsync();
        string path = store.PathOf(image.Layers[0].Descriptor.Digest);
        byte[] bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[^3] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);

        BlobProblem problem = Assert.Single((await VerifyAsync(store, image)).Problems);

        Assert.Equal((image.Layers[0].Descriptor.Digest, false), (problem.Blob, problem.IsMissing));
    }

    [Fact]
    public async Task Verify_OtherDiffId_IsAProblem()
    {
        (BlobStore store, ResolvedImage image) = await MakeAsync();
        Digest other = image.Layers[0].DiffId;
        image = image with { Layers = [image.Layers[0], image.Layers[1] with { DiffId = other }] };

        BlobProblem problem = Assert.Single((await VerifyAsync(store, image)).Problems);

        Assert.Equal(image.Layers[1].Descriptor.Digest, problem.Blob);
        Assert.Contains(other.ToString(), problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_MissingBlob_IsAProblem_AndTheRestIsRead()
    {
        (BlobStore store, ResolvedImage image) = await MakeAsync();
        File.Delete(store.PathOf(image.Layers[0].Descriptor.Digest));

        ImageVerification found = await VerifyAsync(store, image);

        BlobProblem problem = Assert.Single(found.Problems);
        Assert.Equal((image.Layers[0].Descriptor.Digest, true), (problem.Blob, problem.IsMissing));
        Assert.Equal(3, found.Blobs);
    }

    [Fact]
    public async Task Verify_Cancelled_Stops()
    {
        (BlobStore store, ResolvedImage image) = await MakeAsync();
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImageVerifier.VerifyAsync(
            OciLayoutSource.Open(store, "image"), image, new Told(_ => stop.Cancel()), stop.Token));
    }

    private async Task<(BlobStore Store, ResolvedImage Image)> MakeAsync()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["layout"], Token);
        byte[] manifest = await ImageFixture.PutImageAsync(store, "10.0.20348.2031", ["one", "two"]);
        await store.Index.SetAsync("image", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        return (store, await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "image"), request: null, Token));
    }

    private static Task<ImageVerification> VerifyAsync(BlobStore store, ResolvedImage image, List<TransferProgress>? told = null) =>
        ImageVerifier.VerifyAsync(OciLayoutSource.Open(store, "image"), image, new Told(report => told?.Add(report)), Token);

    private sealed class Told(Action<TransferProgress> take) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => take(value);
    }
}
