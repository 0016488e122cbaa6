using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Volumes;
using static WinLayers.Testing.TestLayers;

namespace WinLayers.Tests.Portable;

/// <summary>Somebody put a symbolic link in the place of a layer's file: whoever reads the layer does not follow it.</summary>
public sealed class PlantedLinkTests : IDisposable
{
    private readonly TestLayers _layers = new();

    public PlantedLinkTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "needs symbolic links");

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void OpenRead_LinkInThePlaceOfAFile_IsRefused()
    {
        using PortableTree tree = MakeLayer();
        Plant(Path.Combine(tree.Location, "Files", "f"));

        Assert.Throws<DiskException>(() => tree.OpenRead(P("Files\\f")));
    }

    [Fact]
    public void OpenRead_LinkInThePlaceOfAStream_IsRefused()
    {
        using PortableTree tree = MakeLayer();
        Plant(Assert.Single(Directory.GetFiles(Path.Combine(tree.Location, "streams"))));

        using OpenContent content = tree.OpenRead(P("Files\\f"));
        Assert.Throws<DiskException>(() => content.NextStream());
    }

    [Fact]
    public void OpenRead_LinkWithinTheLayer_IsRefusedAsWell()
    {
        using PortableTree tree = MakeLayer();
        string file = Path.Combine(tree.Location, "Files", "f");
        File.Delete(file);
        File.CreateSymbolicLink(file, "g");

        Assert.Throws<DiskException>(() => tree.OpenRead(P("Files\\f")));
    }

    [Fact]
    public void Open_LinkInThePlaceOfTheIndex_IsRefused()
    {
        MakeLayer().Dispose();
        string index = Path.Combine(_layers.Root, "a", "layer.jsonl"), moved = Path.Combine(_layers.Root, "moved");
        File.Move(index, moved);
        File.CreateSymbolicLink(index, moved);

        Assert.Throws<LayerIndexException>(() => _layers.Tree("a"));
    }

    private PortableTree MakeLayer() =>
        _layers.Make("a", volume => volume.Dir("Files").File("Files\\f", "text", null, ("s", "stream")).File("Files\\g", "text"));

    // What the link leads to could be read, and has the right bytes.
    private void Plant(string file)
    {
        string outside = Path.Combine(_layers.Root, "outside");
        File.Move(file, outside);
        File.CreateSymbolicLink(file, outside);
    }
}
