using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Testing;
using WinLayers.Views;
using WinLayers.Writing;

namespace WinLayers.Tests.Views;

/// <summary>What of the lower layers does not show, and which links of an upper layer lead nowhere.</summary>
public sealed class MergedHidingTests
{
    [Fact]
    public void Build_ReparsePointOverADirectory_HidesWhatIsInIt()
    {
        MergedView view = Build(
            LayerTar.New().Directory("Files").Directory("Files/d").File("Files/d/old", "0").Directory("Files/d/sub")
                .File("Files/d/sub/old", "0").File("Files/e", "0"),
            LayerTar.New().Directory("Files").MountPoint("Files/D", @"\??\C:\elsewhere"));

        Assert.Equal(["Files", "Files\\D", "Files\\e"], view.Walk().Select(entry => entry.Path.Value));
        Assert.True(view.Find(LayerPath.Parse("Files/d"))!.IsReparsePoint);
        Assert.Null(view.Find(LayerPath.Parse("Files/d/sub/old")));
    }

    [Fact]
    public void Build_DirectoryOverAReparsePoint_IsADirectoryWithItsOwnEntries()
    {
        MergedView view = Build(
            LayerTar.New().Directory("Files").MountPoint("Files/d", @"\??\C:\elsewhere"),
            LayerTar.New().Directory("Files").Directory("Files/d").File("Files/d/new", "1"));

        Assert.False(view.Find(LayerPath.Parse("Files/d"))!.IsReparsePoint);
        Assert.NotNull(view.Find(LayerPath.Parse("Files/d/new")));
    }

    [Fact]
    public void Build_LinkToABrokenLinkOfALowerLayer_IsBroken()
    {
        MergedView view = Build(
            LayerTar.New().Directory("Files").HardLink("Files/nowhere", "Files/none").File("Files/there", "text"),
            LayerTar.New().Directory("Files").HardLink("Files/l", "Files/nowhere").HardLink("Files/m", "Files/there"));

        AssertBroken(view, "Files/nowhere");
        AssertBroken(view, "Files/l");
        Assert.False(view.Find(LayerPath.Parse("Files/m"))!.IsBroken);
    }

    [Fact]
    public void Build_LinkToABrokenLinkOfItsLayer_IsBroken()
    {
        MergedView view = Build(
            LayerTar.New().Directory("Files").HardLink("Files/nowhere", "Files/none").HardLink("Files/l", "Files/nowhere"));

        AssertBroken(view, "Files/nowhere");
        AssertBroken(view, "Files/l");
    }

    [Fact]
    public void Build_LinksInACircleOverALowerLayersFile_AreBroken()
    {
        // Each leads to the other of the same layer, so that the file below is not what either means.
        MergedView view = Build(
            LayerTar.New().Directory("Files").File("Files/a", "below"),
            LayerTar.New().Directory("Files").HardLink("Files/a", "Files/b").HardLink("Files/b", "Files/a"));

        AssertBroken(view, "Files/a");
        AssertBroken(view, "Files/b");
    }

    [Fact]
    public void Build_LinkToADirectoryOfALowerLayer_IsBroken()
    {
        MergedView view = Build(
            LayerTar.New().Directory("Files").Directory("Files/d"),
            LayerTar.New().Directory("Files").HardLink("Files/l", "Files/d"));

        AssertBroken(view, "Files/l");
    }

    private static void AssertBroken(MergedView view, string path)
    {
        MergedEntry entry = view.Find(LayerPath.Parse(path))!;
        Assert.True(entry.IsBroken, path);
        Assert.Same(LayerRules.LinkToNothing, Assert.Throws<LayerRefusedException>(() => view.OpenContent(entry)).Rule);
    }

    private static MergedView Build(params LayerTar[] layers) => MergedView.Build(
        layers.Select((layer, i) => LayerListing.FromTar($"layer {i}", layer.Open)), TestContext.Current.CancellationToken);
}
