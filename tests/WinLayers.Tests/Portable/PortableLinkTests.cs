using WinLayers.Formats;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Volumes;
using WinLayers.Writing;
using static WinLayers.Testing.TestLayers;

namespace WinLayers.Tests.Portable;

public sealed class PortableLinkTests : IDisposable
{
    private readonly TestLayers _layers = new();

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void Link_WithinTheLayerInAnotherSpelling_IsTheSameFileWithTheSameMetadata()
    {
        using PortableTree tree =
            _layers.Make("a",
            volume => volume.Dir("Files").File("Files\\Target.txt", "x").Link("Files\\l", "FILES\\TARGET.TXT")
            .Link("Files\\m", "Files\\L"));
        Assert.Equal(Id(tree, "Files\\Target.txt"), Id(tree, "Files\\l"));
        Assert.Equal(Id(tree, "Files\\Target.txt"), Id(tree, "Files\\m"));
        Assert.Equal(Plain, tree.ReadMetadata(P("Files\\m")));
        LayerIndexEntry link = tree.ReadEntries().Single(entry => entry.Path == P("Files\\l"));
        Assert.Equal((LayerIndexKind.Link, "Files\\Target.txt", Identity("a").ChainId),
            (link.Kind, link.Target!.Value.Value, link.From!.Value));
    }

    [Fact]
    public void Link_ToAParentsFile_IsTheSameFileAndTheLayerReadsWithoutTheParent()
    {
        using PortableTree parent = _layers.Make("p", volume => volume.Dir("Files").File("Files\\A", "from below", null, ("s", "stream")));
        using PortableTree child = _layers.Make("c", volume => volume.Dir("Files").Link("Files\\b", "files\\a", parent));
        Assert.Equal(Id(parent, "Files\\A"), Id(child, "Files\\b"));
        Assert.Equal(Plain, child.ReadMetadata(P("Files\\b")));
        Assert.Equal("from below", child.Text("Files\\b"));
        LayerIndexEntry link = child.ReadEntries().Single(entry => entry.Kind == LayerIndexKind.Link);
        Assert.Equal(Identity("p").ChainId, link.From);
        Assert.Equal("s", Assert.Single(link.Streams).Name);
        using OpenContent content = child.OpenRead(P("Files\\b"));
        using StreamReader stream = new(content.NextStream()!.Data);
        Assert.Equal("stream", stream.ReadToEnd());
    }

    [Fact]
    public void Link_ToALinkTwoLayersDown_LeadsToTheFile()
    {
        using PortableTree bottom = _layers.Make("0", volume => volume.Dir("Files").File("Files\\f", "deep"));
        using PortableTree middle = _layers.Make("1", volume => volume.Dir("Files").Link("Files\\g", "Files\\f", bottom));
        using PortableTree top =
            _layers.Make("2", volume => volume.Dir("Files").Link("Files\\h", "Files\\G", middle).Link("Files\\i", "Files\\h"));
        Assert.Equal(Id(bottom, "Files\\f"), Id(top, "Files\\i"));
        Assert.Equal("deep", top.Text("Files\\i"));
    }

    [Fact]
    public void Link_OverAFileOfTheLayer_TakesItsPlace()
    {
        using PortableTree tree =
            _layers.Make("a", volume => volume.Dir("Files").File("Files\\a", "new").File("Files\\b", "old").Link("Files\\B", "Files\\a"));
        Assert.Equal("new", tree.Text("Files\\b"));
        Assert.Equal(["B", "a"], tree.Enumerate(P("Files")).Select(node => node.Path.Name.ToString()));
    }

    [Fact]
    public void Link_ToADirectoryOrNothing_IsRefused()
    {
        using PortableVolume volume = _layers.Volume("a");
        volume.Dir("Files").Dir("Files\\d");
        Assert.Equal(LayerRules.LinkToNothing, Assert.Throws<LayerRefusedException>(() => volume.Link("Files\\l", "Files\\d")).Rule);
        Assert.Equal(LayerRules.LinkToNothing, Assert.Throws<LayerRefusedException>(() => volume.Link("Files\\l", "Files\\no")).Rule);
        Assert.Null(volume.Find(P("Files\\l")));
    }

    [Fact]
    public void Remove_ThenAddedAgain_OnlyWhatIsNewStands()
    {
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files").Dir("Files\\d").File("Files\\d\\x", "1");
            volume.Remove(P("FILES\\D"));
            Assert.Null(volume.Find(P("Files\\d\\x")));
            Assert.False(Directory.Exists(Path.Combine(volume.Location, "Files", "d")));
            volume.Dir("Files\\d").File("Files\\d\\y", "2");
        });
        Assert.Null(tree.Find(P("Files\\d\\x")));
        Assert.Equal("2", tree.Text("Files\\d\\y"));
        Assert.Equal(["y"], Directory.GetFileSystemEntries(Path.Combine(tree.Location, "Files", "d")).Select(Path.GetFileName));
    }

    [Fact]
    public void Remove_OfALinksTarget_LeavesTheLink()
    {
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files").File("Files\\x", "text").Link("Files\\l", "Files\\x");
            volume.Remove(P("Files\\x"));
            Assert.Equal("text", volume.Text("Files\\l"));
        });
        Assert.Null(tree.Find(P("Files\\x")));
        Assert.Equal("text", tree.Text("Files\\l"));
        Assert.Equal(Plain, tree.ReadMetadata(P("Files\\l")));
    }

    [Fact]
    public void Index_OfADiffLayer_HasEntriesThenRemovalsThenLinks()
    {
        using PortableTree parent = _layers.Make("p", volume => volume.Dir("Files").File("Files\\below", "b").File("Files\\old", "o"));
        using (PortableVolume volume = _layers.Volume("c"))
        {
            DiffLayerWriter writer = new(volume, volume, [parent]);
            foreach (LayerEntry entry in new[]
            {
                Entries.Directory("Files"), Entries.Link("Files/l", "Files/below"), Entries.Whiteout("Files/own"),
                    Entries.File("Files/own"),
                Entries.Whiteout("Files/below"), Entries.Link("Files/m", "Files/l"), Entries.File("Files/last"),
                    Entries.Whiteout("Files/old"),
            })
            {
                writer.Add(entry);
            }

            writer.Complete();
        }

        using PortableTree tree = _layers.Tree("c");
        Assert.Equal(
            ["Directory Files", "File Files\\own", "File Files\\last", "Removed Files\\own", "Removed Files\\below", "Removed Files\\old",
                "Link Files\\l", "Link Files\\m"],
            tree.ReadEntries().Select(entry => $"{entry.Kind} {entry.Path}"));
        Assert.Equal(["l", "last", "m"], tree.Enumerate(P("Files")).Select(node => node.Path.Name.ToString()));
        Assert.Equal("b", tree.Text("Files\\m"));
    }

    [Fact]
    public void Remove_OfNothing_IsRecordedForTheLayersBelow()
    {
        using PortableTree tree = _layers.Make("a", volume => volume.Remove(P("Files\\Windows\\gone.txt")));
        LayerIndexEntry entry = Assert.Single(tree.ReadEntries());
        Assert.Equal((LayerIndexKind.Removed, "Files\\Windows\\gone.txt"), (entry.Kind, entry.Path.Value));
    }

    [Fact]
    public void UpdateDirectory_AgainWithOtherMetadata_TheLastCounts()
    {
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files").Dir("Files\\D").File("Files\\d\\x");
            volume.UpdateDirectory(P("FILES\\d"), Plain, new TextContent([], ("s", "one")));
            volume.UpdateDirectory(P("Files\\d"), Plain with { Attributes = FileAttributes.Hidden }, new TextContent([], ("t", "two")));
        });
        Assert.Equal(FileAttributes.Hidden, tree.ReadMetadata(P("Files\\d")).Attributes);
        Assert.Equal(["s", "t"], tree.ReadEntry(P("Files\\d")).Streams.Select(stream => stream.Name));
        Assert.Equal("Files\\D", tree.Find(P("files\\d"))!.Value.Path.Value);
        Assert.NotNull(tree.Find(P("Files\\d\\x")));
    }

    [Fact]
    public void CreateFile_SymbolicLinkPlantedInThePlaceOfADirectory_IsNotFollowed()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("needs symbolic links");
        string outside = _layers.Folder("outside");
        using PortableVolume volume = _layers.Volume("a");
        volume.Dir("Files").Dir("Files\\d");
        volume.File("Files\\d\\first");
        string victim = Path.Combine(volume.Location, "Files", "d");
        Directory.Move(victim, victim + "-moved");
        Directory.CreateSymbolicLink(victim, outside);

        // The directory is still open: entries follow it to where it was moved. Once it has to be opened again, the link is refused.
        volume.File("Files\\d\\x", "followed");
        for (int i = 0; i < 80; i++)
            volume.Dir($"Files\\other{i}").File($"Files\\other{i}\\x");
        Assert.Throws<DiskException>(() => volume.File("Files\\d\\y", "escaped?"));
        Assert.True(File.Exists(Path.Combine(victim + "-moved", "x")));
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    [Fact]
    public void CreateFile_WhileSomebodySwapsTheDirectoryForALink_NothingLandsOutside()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("needs symbolic links");
        string outside = _layers.Folder("outside");
        using CancellationTokenSource stop = new();
        using PortableVolume volume = _layers.Volume("a");
        volume.Dir("Files").Dir("Files\\d");
        string victim = Path.Combine(volume.Location, "Files", "d");
        Thread attacker = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Directory.Move(victim, victim + "-moved");
                Directory.CreateSymbolicLink(victim, outside);
                File.Delete(victim);
                Directory.Move(victim + "-moved", victim);
            }
        });
        attacker.Start();
        try
        {
            for (int i = 0; i < 400; i++)
            {
                // More directories than are kept open, so that the one under attack is opened again and again.
                for (int d = 0; d < (i == 0 ? 80 : 0); d++)
                    volume.Dir($"Files\\d{d}");
                for (int d = 0; d < 80 && i % 20 == 0; d++)
                    volume.File($"Files\\d{d}\\f{i}");
                try
                {
                    volume.File($"Files\\d\\f{i}", "x");
                }
                catch (DiskException)
                {
                    // The link was there just then: refused.
                }
            }
        }
        finally
        {
            stop.Cancel();
            attacker.Join();
        }

        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    [Fact]
    public void Destroy_LayerWithAPlantedLink_RemovesTheLinkAlone()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("needs symbolic links");
        string outside = _layers.Folder("outside");
        File.WriteAllText(Path.Combine(outside, "precious"), "x");
        _layers.Make("a", volume => volume.Dir("Files").Dir("Files\\d").File("Files\\d\\x")).Dispose();
        string layer = Path.Combine(_layers.Root, "a");
        Directory.CreateSymbolicLink(Path.Combine(layer, "Files", "l"), outside);
        PortableLayerHost.Instance.Destroy(layer);
        Assert.False(Path.Exists(layer));
        Assert.True(File.Exists(Path.Combine(outside, "precious")));
    }

    [Fact]
    public void Destroy_VeryDeepLayer_EndsWithoutStackOrHandlesRunningOut()
    {
        using (PortableVolume volume = _layers.Volume("a"))
        {
            volume.Dir("Files");
            volume.Complete();
        }

        // Deeper than a layer's own paths may be, and than the system's: each folder is moved into a new one.
        string files = Path.Combine(_layers.Root, "a", "Files"), deep = Path.Combine(files, "d");
        Directory.CreateDirectory(deep);
        for (int i = 0; i < 1500; i++)
        {
            Directory.CreateDirectory(Path.Combine(files, "above"));
            Directory.Move(deep, Path.Combine(files, "above", "d"));
            Directory.Move(Path.Combine(files, "above"), deep);
        }

        PortableLayerHost.Instance.Destroy(Path.Combine(_layers.Root, "a"));
        Assert.False(Path.Exists(Path.Combine(_layers.Root, "a")));
    }

    private static (ulong, ulong) Id(PortableTree tree, string path) => tree.LookAt(P(path))!.Value.FileId;
}
