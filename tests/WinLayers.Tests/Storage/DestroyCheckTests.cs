using System.Text.Json;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Storage;

/// <summary>A folder is destroyed only where it is a layer beyond doubt.</summary>
public sealed class DestroyCheckTests : IDisposable
{
    private readonly TestLayers _layers = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Layer => Path.Combine(_layers.Root, "layer");

    public void Dispose() => _layers.Dispose();

    [Fact]
    public async Task Look_PortableLayer_MayGo_WithOrWithoutASeparatorBehindIt()
    {
        _layers.Make("layer", volume => volume.Dir("Files").File("Files\\a", "x")).Dispose();

        DestroyCheck check = await LookAsync(Layer + Path.DirectorySeparatorChar);

        Assert.Equal((Layer, DestroyObstacle.None, "portable"), (check.Folder, check.Obstacle, check.Host));
    }

    [Theory]
    [InlineData("x\n")]
    [InlineData("{\"format\":\"winlayers.layer/3\"}\n")]
    [InlineData("{\"format\":\"winlayers.layer/2\"}")]
    [InlineData("{\"format\":\"winlayers.layer/1\"}")]
    [InlineData("{\"format\":1}\n")]
    [InlineData("[]\n")]
    public async Task Look_IndexThatIsNone_IsNotALayer(string index)
    {
        Make("layer.jsonl", "Files/a");
        await File.WriteAllTextAsync(Path.Combine(Layer, "layer.jsonl"), index, Token);

        Assert.Equal(DestroyObstacle.NotALayer, (await LookAsync(Layer)).Obstacle);
    }

    [Fact]
    public async Task Look_StrangerInTheFolder_IsNamed()
    {
        _layers.Make("layer", volume => volume.Dir("Files")).Dispose();
        Make("notes.txt");

        DestroyCheck check = await LookAsync(Layer);

        Assert.Equal((DestroyObstacle.HoldsOther, "notes.txt"), (check.Obstacle, check.Detail));
    }

    [Fact]
    public async Task Look_LayerThatAnotherBesideItStandsOn_NamesThatOne()
    {
        _layers.Make("layer", volume => volume.Dir("Files")).Dispose();
        string child = _layers.Folder("child");
        await File.WriteAllTextAsync(Path.Combine(child, "layerchain.json"), JsonSerializer.Serialize(new[] { Layer }), Token);

        DestroyCheck check = await LookAsync(Layer);

        Assert.Equal((DestroyObstacle.HasChild, child), (check.Obstacle, check.Detail));
    }

    [Fact]
    public async Task Look_Link_IsNotFollowed()
    {
        _layers.Make("layer", volume => volume.Dir("Files")).Dispose();
        string link = Path.Combine(_layers.Root, "link");
        Directory.CreateSymbolicLink(link, Layer);

        Assert.Equal(DestroyObstacle.Link, (await LookAsync(link)).Obstacle);
    }

    [Theory]
    [InlineData(DestroyObstacle.Scratch, "sandbox.vhdx", "layerchain.json")]
    [InlineData(DestroyObstacle.Scratch, "scratch.json")]
    [InlineData(DestroyObstacle.OrphanOfStore, "stored.json", "Files/a")]
    [InlineData(DestroyObstacle.NotALayer, "layerchain.json")]
    [InlineData(DestroyObstacle.NotALayer, "Files/a", "Hives/")]
    public async Task Look_OtherFolders_AreLeftAlone(DestroyObstacle obstacle, params string[] contents)
    {
        Make(contents);

        Assert.Equal(obstacle, (await LookAsync(Layer)).Obstacle);
    }

    [Fact]
    public async Task Look_StoredLayer_IsItsStores_AndItsImages()
    {
        LayerStore store = await LayerStore.OpenAsync(Path.Combine(_layers.Root, "store"), Token);
        LayerIdentity identity = TestLayers.Identity("a");
        StoredLayer layer;
        using (PendingLayer pending = (await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Token))!)
        {
            using (PortableVolume volume = new(pending.Folder, identity))
                volume.Complete();
            layer = pending.Commit("portable", identity);
        }

        DestroyCheck alone = await LookAsync(layer.Folder);
        await store.RecordImageAsync(new ImageRecord(TestLayers.DigestOf("m"), ["m"], [identity.ChainId]), Token);
        DestroyCheck needed = await LookAsync(layer.Folder);

        Assert.Equal((DestroyObstacle.InStore, store.Root), (alone.Obstacle, alone.Detail));
        Assert.Equal((DestroyObstacle.OfImage, TestLayers.DigestOf("m")), (needed.Obstacle, needed.Image!.ManifestDigest));
    }

    private static Task<DestroyCheck> LookAsync(string folder) => DestroyCheck.LookAsync(folder, [PortableLayerForm.Instance], Token);

    private void Make(params string[] contents)
    {
        foreach (string name in contents)
        {
            string path = Path.Combine(Layer, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!name.EndsWith('/'))
                File.WriteAllText(path, name == "layerchain.json" ? "[]" : "x");
        }
    }
}
