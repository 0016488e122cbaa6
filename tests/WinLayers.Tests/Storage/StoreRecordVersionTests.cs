using WinLayers.Oci.Digests;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Storage;

/// <summary>Records of the first version are read; those of a newer one are refused by their version alone.</summary>
public sealed class StoreRecordVersionTests : IDisposable
{
    private static readonly LayerIdentity Identity = TestLayers.Identity("a");

    private readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("winlayers-").FullName, "store");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Record => Path.Combine(_root, "layers", Identity.ChainId.Hex, "stored.json");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    [Fact]
    public async Task Layer_OfTheFirstVersion_HasNoCounts()
    {
        LayerStore store = await WriteAsync("winlayers.stored/1", more: "");
        Assert.Null(store.TryGetLayer(Identity.ChainId)!.Counts);
    }

    [Fact]
    public async Task Layer_WithFieldsThatNobodyKnows_IsRead()
    {
        LayerStore store = await WriteAsync("winlayers.stored/1", """
            ,"counts":{"entries":1,"files":2,"contentBytes":3,"tarBytes":4,"blobBytes":5,"later":6},"later":{}
            """);
        Assert.Equal(new LayerCounts(1, 2, 3, 4, 5), store.TryGetLayer(Identity.ChainId)!.Counts);
    }

    [Theory]
    [InlineData(""","counts":{"entries":1,"files":2,"contentBytes":3,"tarBytes":4}""")]
    [InlineData(""","counts":{"entries":-1,"files":2,"contentBytes":3,"tarBytes":4,"blobBytes":5}""")]
    [InlineData(""","counts":{"entries":1.5,"files":2,"contentBytes":3,"tarBytes":4,"blobBytes":5}""")]
    [InlineData(""","counts":null""")]
    public async Task Layer_WithOtherCounts_IsDamaged(string more)
    {
        LayerStore store = await WriteAsync("winlayers.stored/1", more);
        Assert.False(Assert.Throws<StoreException>(() => store.TryGetLayer(Identity.ChainId)).IsOfNewerVersion);
    }

    [Fact]
    public async Task Layer_OfANewerVersion_IsRefusedClearly_AndNeverReplaced()
    {
        LayerStore store = await WriteAsync("winlayers.stored/2", more: "");
        string before = await File.ReadAllTextAsync(Record, Stop);

        StoreException refused = Assert.Throws<StoreException>(() => store.TryGetLayer(Identity.ChainId));
        StoreException notReplaced =
            await Assert.ThrowsAsync<StoreException>(() => store.BeginLayerAsync(Identity.ChainId, Identity.ParentChainId, Stop));
        store.Collect(PortableLayerHost.Instance, cancellationToken: Stop);

        Assert.True(refused.IsOfNewerVersion && notReplaced.IsOfNewerVersion);
        Assert.Contains("newer version, 'winlayers.stored/2'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("damaged", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Record, Stop));
    }

    [Fact]
    public async Task Image_OfANewerVersion_IsNotOverwritten()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest manifest = TestLayers.DigestOf("manifest");
        string file = Path.Combine(_root, "images", $"{manifest.Hex}.json");
        await File.WriteAllTextAsync(file, """{"format":"winlayers.image/7"}""", Stop);

        StoreException refused =
            await Assert.ThrowsAsync<StoreException>(() => store.RecordImageAsync(new ImageRecord(manifest, ["a"], []), Stop));

        Assert.True(refused.IsOfNewerVersion);
        Assert.Equal("""{"format":"winlayers.image/7"}""", await File.ReadAllTextAsync(file, Stop));
    }

    [Fact]
    public async Task Image_Chain_IsBaseFirstInTheFile_AndChildFirstInMemory()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest child = TestLayers.DigestOf("child"), bottom = TestLayers.DigestOf("bottom");
        await store.RecordImageAsync(new ImageRecord(TestLayers.DigestOf("m"), ["m"], [child, bottom]), Stop);

        string text = await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(_root, "images"))[0], Stop);

        Assert.True(text.IndexOf(bottom.Hex, StringComparison.Ordinal) < text.IndexOf(child.Hex, StringComparison.Ordinal));
        Assert.Equal([child, bottom], Assert.Single(store.ListImages()).Chain);
    }

    private async Task<LayerStore> WriteAsync(string format, string more)
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Directory.CreateDirectory(Path.GetDirectoryName(Record)!);
        await File.WriteAllTextAsync(
            Record,
            $$"""{"format":"{{format}}","diffId":"{{Identity.DiffId}}","chainId":"{{Identity.ChainId}}","digest":"{{Identity.Digest}}","host":"portable"{{more}}}""",
            Stop);
        return store;
    }
}
