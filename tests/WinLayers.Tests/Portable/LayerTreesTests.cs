using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Portable;

public sealed class LayerTreesTests : IDisposable
{
    private readonly TestLayers _layers = new();

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void OpenAll_EachByWhatItIs_InOrder()
    {
        _layers.Make("portable", volume => volume.Dir("Files")).Dispose();
        Directory.CreateDirectory(Path.Combine(_layers.Folder("windows"), "Files"));

        using var trees = LayerTrees.OpenAll([Path.Combine(_layers.Root, "windows"), Path.Combine(_layers.Root, "portable")]);

        Assert.IsType<FolderTree>(trees.All[0]);
        Assert.IsType<PortableTree>(trees.All[1]);
    }

    [Fact]
    public void Open_DamagedIndex_IsNoPlainFolder()
    {
        File.WriteAllText(Path.Combine(_layers.Folder("damaged"), "layer.jsonl"), "{");

        Assert.Throws<LayerIndexException>(() => LayerTrees.Open(Path.Combine(_layers.Root, "damaged")));
    }
}
