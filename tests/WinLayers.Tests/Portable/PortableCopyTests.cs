using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Tests.Volumes;
using WinLayers.Volumes;
using static WinLayers.Testing.TestLayers;

namespace WinLayers.Tests.Portable;

/// <summary>Where files cannot be linked, they are copied, and everything else is as ever.</summary>
public sealed class PortableCopyTests : IDisposable
{
    private readonly TestLayers _layers = new();

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void Link_ThatTheFileSystemRefuses_IsACopyWithTheSameMetadata()
    {
        using (PortableVolume volume = Linkless(_layers, "a"))
        {
            volume.Dir("Files").File("Files\\a", "text", null, ("s", "stream")).Link("Files\\l", "Files\\A").Link("Files\\m", "Files\\l");
            volume.Complete();
        }

        using PortableTree tree = _layers.Tree("a");
        Assert.All(["Files\\l", "Files\\m"], path =>
        {
            Assert.Equal("text", tree.Text(path));
            Assert.Equal(Plain, tree.ReadMetadata(P(path)));
            Assert.Equal("s", Assert.Single(tree.ReadEntry(P(path)).Streams).Name);
            Assert.NotEqual(tree.LookAt(P("Files\\a"))!.Value.FileId, tree.LookAt(P(path))!.Value.FileId);
        });
        Assert.All(tree.ReadEntries().Where(entry => entry.Kind == LayerIndexKind.Link), link => Assert.True(link.IsCopy));
        AssertVerifies(tree);
    }

    [Fact]
    public void Link_IntoALayerOnAnotherFileSystem_IsACopy()
    {
        string? elsewhere = AnotherFileSystem();
        Assert.SkipWhen(elsewhere is null, "there is only one file system here");
        try
        {
            using (PortableVolume volume = new(elsewhere!, Identity("p")))
            {
                volume.Dir("Files").File("Files\\a", "from afar", null, ("s", "stream"));
                volume.Complete();
            }

            using (PortableTree parent = PortableTree.Open(elsewhere!))
                _layers.Make("c", volume => volume.Dir("Files").Link("Files\\l", "files\\A", parent)).Dispose();
        }
        finally
        {
            Directory.Delete(elsewhere!, recursive: true);
        }

        using PortableTree tree = _layers.Tree("c");
        LayerIndexEntry link = tree.ReadEntries().Single(entry => entry.Kind == LayerIndexKind.Link);
        Assert.Equal((true, Identity("p").ChainId), (link.IsCopy, link.From!.Value));
        Assert.Equal("from afar", tree.Text("Files\\l"));
        Assert.Equal(Plain, tree.ReadMetadata(P("Files\\l")));
        AssertVerifies(tree);
    }

    internal static PortableVolume Linkless(TestLayers layers, string name)
    {
        string folder = layers.Folder(name);
        return new PortableVolume(new LinklessFolder(HostFolder.Open(folder)), folder, Identity(name));
    }

    private static void AssertVerifies(PortableTree tree)
    {
        PortableVerifier verifier = new(tree.Location, []);
        Assert.Empty(verifier.Verify(tree.Identity, TestContext.Current.CancellationToken));
    }

    // Whether a folder is on another file system is asked of the system itself, by the link that fails.
    private string? AnotherFileSystem()
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists("/dev/shm"))
            return null;
        string folder = Path.Combine("/dev/shm", Path.GetFileName(_layers.Root));
        Directory.CreateDirectory(folder);
        using HostFolder there = HostFolder.Open(folder), here = HostFolder.Open(_layers.Root);
        there.TryMakeFile("probe")!.Dispose();
        bool isAnother = !here.TryLink(there, "probe", "probe");
        there.RemoveFile("probe");
        here.RemoveFile("probe");
        if (!isAnother)
            Directory.Delete(folder);
        return isAnother ? folder : null;
    }
}

public sealed class LinklessVolumeConformance : LayerVolumeConformance, IDisposable
{
    private readonly TestLayers _layers = new();
    private int _volumes;

    public void Dispose() => _layers.Dispose();

    protected override ILayerVolume CreateVolume() => PortableCopyTests.Linkless(_layers, $"v{++_volumes}");

    protected override ILayerTree Finish(ILayerVolume volume)
    {
        volume.Complete();
        volume.Dispose();
        return _layers.Tree(Path.GetFileName(volume.Location));
    }
}
