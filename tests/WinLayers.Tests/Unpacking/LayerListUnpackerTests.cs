using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Unpacking;
using WinLayers.Volumes;

namespace WinLayers.Tests.Unpacking;

public sealed class LayerListUnpackerTests : IDisposable
{
    private static readonly byte[] BaseTar = LayerTar.New().Directory("Files").File("Files/a.txt", "a").ToArray();

    private static readonly byte[] DiffTar =
        LayerTar.New().Directory("Files").File("Files/b.txt", "b").HardLink("Files/link.txt", "Files/A.TXT").ToArray();

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unpack_OfAList_GivesTheSameLayersAsTheImage(bool diffIdsKnown)
    {
        LayerStore store = await LayerStore.OpenAsync(_folder["store"], Token), other = await LayerStore.OpenAsync(_folder["other"], Token);
        await using IImageSource source =
            await UnpackImage.OfAsync(await BlobStore.CreateAsync(_folder["layout"], Token), BaseTar, DiffTar);
        UnpackedImage image = await new ImageUnpacker(other, PortableLayerHost.Instance).UnpackAsync(source, cancellationToken: Token);
        Digest?[] diffIds = diffIdsKnown ? [ContentHash.Of(BaseTar), ContentHash.Of(DiffTar)] : [null, null];
        List<ListedLayer> list =
            [new(DescriptorOf(BaseTar), diffIds[0]), new(DescriptorOf(DiffTar), diffIds[1])];

        IReadOnlyList<AppliedLayer> layers =
            await new LayerListUnpacker(store, PortableLayerHost.Instance).UnpackAsync(source, list, Token);

        Assert.Equal(image.Layers.Select(layer => layer.Layer.Identity), layers.Select(layer => layer.Identity));
        LayerChain chain = LayerListUnpacker.ChainOf(layers);
        Assert.Equal("a", await File.ReadAllTextAsync(Path.Combine(chain[0], "Files", "link.txt"), Token));
        Assert.Equal([chain[1]], LayerChain.ReadFile(chain[0]));
        Assert.Empty((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
        Assert.All(
            await new LayerListUnpacker(store, PortableLayerHost.Instance).UnpackAsync(source, list, Token),
            layer => Assert.True(layer.WasPresent));
    }

    [Fact]
    public async Task Unpack_OfALayerWithAnotherDiffId_IsRefused()
    {
        LayerStore store = await LayerStore.OpenAsync(_folder["store"], Token);
        await using IImageSource source = await UnpackImage.OfAsync(await BlobStore.CreateAsync(_folder["layout"], Token), BaseTar);

        await Assert.ThrowsAsync<DigestMismatchException>(
            () => new LayerListUnpacker(store, PortableLayerHost.Instance)
                .UnpackAsync(source, [new(DescriptorOf(BaseTar), ContentHash.Of(DiffTar))], Token));

        Assert.Empty(store.ListLayers());
    }

    private static Descriptor DescriptorOf(byte[] tar)
    {
        byte[] blob = TestBytes.Compress(tar);
        return ImageFixture.Of(MediaTypes.OciLayerGZip, blob);
    }
}
