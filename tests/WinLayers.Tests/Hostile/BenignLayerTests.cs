using WinLayers.Portable;
using WinLayers.Unpacking;

namespace WinLayers.Tests.Hostile;

/// <summary>Odd but right layers: every operation takes them, and all show the same.</summary>
public sealed class BenignLayerTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private static readonly Dictionary<string, LayerCase> Cases =
        BenignLayers.All().ToDictionary(layer => layer.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Fact]
    public void Corpus_HasItsSize() => Assert.InRange(Cases.Count, 60, int.MaxValue);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task BenignLayer_PassesThroughEveryOperation_WithTheRightResult(string name)
    {
        LayerCase layer = Cases[name];
        CorpusImage image = LayerOperations.ImageOf(layer);

        UnpackedImage unpacked = await bed.UnpackAsync(image);

        Assert.Equal(layer.Shown, LayerOperations.ShowUnpacked(bed, unpacked.Layers.Reverse().Select(one => one.Layer.Folder)));
        Assert.Empty(
            (await bed.Store.VerifyAsync(PortableLayerHost.Instance, [unpacked.Layers[0].Layer.Identity.ChainId],
            cancellationToken: TestContext.Current.CancellationToken)).Problems);
        Assert.Equal(layer.Shown, LayerOperations.ShowFromBlobs(bed, layer));
        LayerOperations.Lint(bed, layer);
        if (layer.IsDiff)
            LayerOperations.Stage(bed, layer);
        Assert.Null(await LayerOperations.CopyAsync(bed, image));
        Assert.Empty(bed.OpenFiles());
    }
}
