using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Views;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Tests.Views;

public sealed class MergedViewTests : IDisposable
{
    private readonly TestLayers _layers = new();
    private readonly List<PortableTree> _trees = [];

    public void Dispose()
    {
        _trees.ForEach(tree => tree.Dispose());
        _layers.Dispose();
    }

    [Fact]
    public void Build_UpperLayer_ReplacesRemovesAndAddsWhateverTheSpelling() => Check(
        "Files/ Files/d/ Files/d/KEPT=2 Files/d/new=1 Files/gone2/ Files/gone2/z=2 Files/turned=now a file Files/was/ Files/was/in=side",
        LayerTar.New().Directory("Files").Directory("Files/D").File("Files/D/old", "0").File("Files/D/kept", "1")
            .Directory("Files/gone").File("Files/gone/x", "x").Directory("Files/gone2").File("Files/gone2/y", "y")
            .Directory("Files/turned").File("Files/turned/deep", "d").File("Files/was", "a file"),
        LayerTar.New().Directory("Files").Directory("files/d").Whiteout("Files/d/OLD").File("Files/D/KEPT", "2").File("Files/D/new", "1")
            .Whiteout("Files/GONE").File("Files/turned", "now a file").Directory("Files/was").File("Files/was/in", "side")
            .Directory("Files/gone2").Opaque("Files/gone2").File("Files/gone2/z", "2"));

    [Fact]
    public void Build_OpaqueMarkers_TwiceAndInEachOther_HideWhatIsBelowAndKeepWhatTheLayerHas() => Check(
        "Files/ Files/d/ Files/d/e/ Files/d/e/new=1 Files/keep=0",
        LayerTar.New().Directory("Files").File("Files/keep", "0").Directory("Files/d").File("Files/d/old", "0").Directory("Files/d/e")
            .File("Files/d/e/old", "0").Directory("Files/d/f").File("Files/d/f/old", "0"),
        LayerTar.New().Directory("Files").Opaque("Files/d/e").File("Files/d/e/new", "1").Opaque("Files/D").Opaque("Files/d")
            .Opaque("Files/d/f"));

    [Fact]
    public void Build_Links_LeadToTheirContentAcrossLayersAndSpellings() => Check(
        "Files/ Files/a=top Files/b=base Files/c=base Files/d=base Files/e=mid Files/f=top",
        LayerTar.New().Directory("Files").HardLink("Files/b", "Files/A").File("Files/a", "base"),
        LayerTar.New().Directory("Files").File("Files/e", "mid").HardLink("Files/c", "FILES/B"),
        LayerTar.New().Directory("Files").HardLink("Files/d", "files/a").File("Files/a", "top").HardLink("Files/f", "files/A"));

    [Fact]
    public void Build_RemovalOfALinksTarget_LeavesTheLink() => Check(
        "Files/ Files/l=text",
        LayerTar.New().Directory("Files").File("Files/f", "text"),
        LayerTar.New().Directory("Files").HardLink("Files/l", "Files/f"),
        LayerTar.New().Directory("Files").Whiteout("Files/f"));

    [Fact]
    public void Build_UtilityVm_IsThatOfTheNearestLayerOverItsParents() => Check(
        "Files/ UtilityVM/ UtilityVM/Files/ UtilityVM/Files/a=2 UtilityVM/Files/b=1 UtilityVM/Files/n=new",
        LayerTar.New().Directory("Files").Directory("UtilityVM").Directory("UtilityVM/Files").File("UtilityVM/Files/a", "1")
            .File("UtilityVM/Files/b", "1").File("UtilityVM/Files/c", "1"),
        LayerTar.New().Directory("Files").Directory("UtilityVM").Directory("UtilityVM/Files").File("UtilityVM/Files/a", "2")
            .Whiteout("UtilityVM/Files/c").File("UtilityVM/Files/n", "new"));

    [Fact]
    public void Build_UtilityVmTakenOver_IsTheLowerLayersInTarsAndFolders()
    {
        List<byte[]> tars = [
            Bytes(LayerTar.New().Directory("Files").Directory("UtilityVM").Directory("UtilityVM/Files").Directory("UtilityVM/Files/d")
                .File("UtilityVM/Files/d/a", "1").File("UtilityVM/Files/gone", "1")),
            Bytes(LayerTar.New().Directory("Files").Directory("UtilityVM").Directory("UtilityVM/Files").Whiteout("UtilityVM/Files/gone")
                .File("UtilityVM/Files/d/n", "2").HardLink("UtilityVM/Files/l", "UtilityVM/Files/d/a")),
        ];
        string[] expected =
            ["UtilityVM 1", "UtilityVM\\Files 1", "UtilityVM\\Files\\d 0", "UtilityVM\\Files\\d\\a 0", "UtilityVM\\Files\\d\\n 1",
            "UtilityVM\\Files\\l 1"];
        List<LayerListing> folders = [.. Unpack("l", tars)];

        Assert.Equal(expected, LayersOf(Build(tars.Select((tar, i) => LayerListing.FromTar($"layer {i}", () => new MemoryStream(tar))))));
        Assert.Equal(expected, LayersOf(Build(folders)));

        // Over a layer that it was not made on, the folder's own word counts.
        LayerListing other =
            Unpack("other", [Bytes(LayerTar.New().Directory("UtilityVM").Directory("UtilityVM/Files").File("UtilityVM/Files/alien", "x"))])
            .Single();
        Assert.Equal(expected.Select(line => line[..^1] + "1"), LayersOf(Build([other, folders[1]])));

        static IEnumerable<string> LayersOf(MergedView view) =>
            view.Walk().Where(entry => entry.Path.Area is LayerArea.UtilityVm).Select(entry => $"{entry.Path} {entry.Layer}");
    }

    [Fact]
    public void Find_EntryOfALowerLayer_TellsWhereItComesFrom()
    {
        MergedView view = Build([
            Listing("base", LayerTar.New().Directory("Files").File("Files/a", "1")),
            Listing("top", LayerTar.New().Directory("Files").HardLink("Files/b", "Files/a")),
        ]);
        MergedEntry link = view.Find(LayerPath.FromValue("files\\B"))!;
        Assert.Equal((1, 0, "Files\\a"), (link.Layer, link.ContentLayer, link.LinkTarget!.Value.Value));
        Assert.Null(view.Find(LayerPath.FromValue("Files\\no")));
        Assert.Equal(["a", "b"], view.Enumerate(LayerPath.FromValue("FILES")).Select(entry => entry.Path.Name.ToString()));
    }

    [Fact]
    public void Build_LinksInACircle_AreBrokenAndNothingElse()
    {
        MergedView view = Build([Listing("base", LayerTar.New().Directory("Files")
            .HardLink("Files/a", "Files/b").HardLink("Files/b", "Files/a").HardLink("Files/self", "Files/self").File("Files/f", "f"))]);
        Assert.All(["a", "b", "self"], name => Assert.True(view.Find(LayerPath.FromValue("Files\\" + name))!.IsBroken));
        Assert.False(view.Find(LayerPath.FromValue("Files\\f"))!.IsBroken);
    }

    [Fact]
    public void Build_RandomLayers_AreTheSameFromTarsAndFromFolders()
    {
        int compared = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            Random random = new(seed);
            List<byte[]> tars = [.. Enumerable.Range(0, 3).Select(layer => RandomLayer(random, layer))];
            string[] fromTars = Describe(Build(tars.Select((tar, i) => LayerListing.FromTar($"layer {i}", () => new MemoryStream(tar)))));
            try
            {
                Assert.Equal(fromTars, Describe(Build(Unpack($"seed{seed}-", tars))));
                compared++;
            }
            catch (LayerRefusedException)
            {
                // Links that lead nowhere, directories both added and removed: not this test's matter.
            }
        }

        Assert.InRange(compared, 15, 60);
    }

    [Fact]
    public void Extract_MergedFiles_WritesContentsAndNeverThroughLinks()
    {
        MergedView view = Build([Listing("base", LayerTar.New().Directory("Files").Directory("Files/d").File("Files/d/a", "text")
            .SymbolicLink("Files/d/inside", "a").SymbolicLink("Files/d/up", "..\\..\\..\\etc").SymbolicLink("Files/abs", "C:\\d\\a")
                .SymbolicLink("Files/far", "D:\\x"))]);
        string destination = Path.Combine(_layers.Root, "out");
        ExtractResult result =
            MergedExtractor.Extract(view, LayerPath.FromValue("Files"), destination, new ExtractOptions { SymbolicLinks = true },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("text", File.ReadAllText(Path.Combine(destination, "d", "a")));
        Assert.Equal(1, result.Files);
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal("a", new FileInfo(Path.Combine(destination, "d", "inside")).LinkTarget);
        Assert.Equal("d/a", new FileInfo(Path.Combine(destination, "abs")).LinkTarget);
        Assert.Equal(["Files\\d\\up", "Files\\far"], result.Omissions.Select(omission => omission.Path.Value));

        // A link in the destination where a folder should be is not followed.
        string other = Path.Combine(_layers.Root, "other"), outside = _layers.Folder("outside");
        Directory.CreateDirectory(other);
        Directory.CreateSymbolicLink(Path.Combine(other, "d"), outside);
        Assert.Throws<DiskException>(
            () => MergedExtractor.Extract(view, LayerPath.FromValue("Files"), other,
            cancellationToken: TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    // Builds the view from the tars and from folders unpacked from them; both have to show the same.
    private void Check(string expected, params LayerTar[] layers)
    {
        List<byte[]> tars = [.. layers.Select(Bytes)];
        Assert.Equal(expected, Short(Build(tars.Select((tar, i) => LayerListing.FromTar($"layer {i}", () => new MemoryStream(tar))))));
        Assert.Equal(expected, Short(Build(Unpack("l", tars))));
    }

    private List<LayerListing> Unpack(string prefix, List<byte[]> tars)
    {
        List<LayerListing> listings = [];
        List<ILayerTree> parents = [];
        for (int i = 0; i < tars.Count; i++)
        {
            // Closed before it is read: Windows opens no file twice.
            using (PortableVolume volume = _layers.Volume($"{prefix}{i}"))
            {
                LayerWriter writer = i == 0 ? new BaseLayerWriter(volume) : new DiffLayerWriter(volume, volume, parents);
                using LayerTarReader reader = new(new MemoryStream(tars[i]));
                while (reader.Read() is { } entry)
                    writer.Add(entry);
                writer.Complete();
            }

            PortableTree tree = _layers.Tree($"{prefix}{i}");
            _trees.Add(tree);
            parents = [tree, .. parents];
            listings.Add(new PortableListing(tree));
        }

        return listings;
    }

    private static MergedView Build(IEnumerable<LayerListing> layers) => MergedView.Build(layers, TestContext.Current.CancellationToken);

    private static LayerListing Listing(string name, LayerTar layer)
    {
        byte[] tar = Bytes(layer);
        return LayerListing.FromTar(name, () => new MemoryStream(tar));
    }

    private static byte[] Bytes(LayerTar layer)
    {
        using Stream tar = layer.Open();
        using MemoryStream bytes = new();
        tar.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string Short(MergedView view) => string.Join(' ', view.Walk().Select(entry =>
        entry.Path.ToTarName() + (entry.IsDirectory ? "/" : "=" + Text(view, entry))));

    private static string[] Describe(MergedView view) =>
        [.. view.Walk()
            .Select(entry =>
            $"{entry.Path.Value.ToUpperInvariant()} {entry.IsDirectory} {entry.IsBroken} {entry.Size} {entry.Metadata.Times} "
            + (entry.IsDirectory || entry.IsBroken ? "" : $"{Text(view, entry)} {entry.LinkTarget?.Value.ToUpperInvariant()}"))
                .Order(StringComparer.Ordinal)];

    private static string Text(MergedView view, MergedEntry entry)
    {
        using OpenContent content = view.OpenContent(entry);
        using StreamReader reader = new(content.Data, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static byte[] RandomLayer(Random random, int layer)
    {
        string[] names = ["a", "B", "c", "d"];
        LayerTar tar = LayerTar.New().Directory("Files");
        HashSet<string> used = new(StringComparer.OrdinalIgnoreCase) { "Files" };
        List<string> directories = ["Files"], files = [];
        for (int i = 0; i < 10; i++)
        {
            string path = $"{directories[random.Next(directories.Count)]}/{Respell(names[random.Next(names.Length)])}";
            if (!used.Add(path))
                continue;
            switch (random.Next(layer == 0 ? 3 : 5))
            {
                case 0:
                    tar.Directory(path);
                    directories.Add(path);
                    break;
                case 1 or 2:
                    tar.File(path, $"layer {layer} {path}");
                    files.Add(path);
                    break;
                case 3:
                    tar.Whiteout(path);
                    break;
                default:
                    tar.HardLink(path,
                        random.Next(2) == 0
                        && files.Count > 0 ? Respell(files[random.Next(files.Count)]) : $"Files/{names[random.Next(names.Length)]}");
                    break;
            }
        }

        return Bytes(tar);

        string Respell(string name) => random.Next(3) == 0 ? name.Replace('b', 'B').Replace('C', 'c').Replace('d', 'D') : name;
    }
}
