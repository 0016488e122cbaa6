using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Testing;
using WinLayers.Writing;

namespace WinLayers.Tests.Writing;

public sealed class DiffLayerWriterTests : IDisposable
{
    private readonly RecordingVolume _volume = new();
    private readonly RecordingVolume _near = new("near");
    private readonly RecordingVolume _far = new("far");

    public DiffLayerWriterTests()
    {
        Fill(
            _far,
            Entries.Directory("Files"), Entries.Directory("Files/dir"), Entries.File("Files/dir/old.txt", "far"),
                Entries.Directory("Files/dir/sub"),
            Entries.File("Files/dir/sub/deep.txt"), Entries.Junction("Files/junction"), Entries.Directory("UtilityVM"),
                Entries.Directory("UtilityVM/Files"),
            Entries.Directory("UtilityVM/Files/EFI"), Entries.Directory("UtilityVM/Files/EFI/Microsoft"),
                Entries.Directory("UtilityVM/Files/EFI/Microsoft/Boot"),
            Entries.File("UtilityVM/Files/EFI/Microsoft/Boot/BCD", "bcd"), Entries.File("UtilityVM/Files/EFI/u.dll", "u"));
        Fill(_near, Entries.Directory("Files"), Entries.Directory("Files/dir"), Entries.File("Files/dir/near.txt", "near"));
    }

    public void Dispose()
    {
        _volume.Dispose();
        _near.Dispose();
        _far.Dispose();
    }

    [Fact]
    public void Complete_PerformsRemovalsThenLinksThenTimes()
    {
        Write(
            Entries.Directory("Files"), Entries.Link("Files/l", "Files/dir/old.txt"), Entries.Whiteout("Files/dir/near.txt"),
                Entries.File("Files/f"));

        Assert.Equal(
            ["directory Files", "file Files\\f", "remove Files\\dir\\near.txt", "link Files\\l -> Files\\dir\\old.txt in far",
                "times Files"], _volume.Log);
    }

    [Fact]
    public void Add_LinkTarget_IsOwnThenNearestParentThenLater()
    {
        Write(
            Entries.Directory("Files"), Entries.Directory("Files/dir"), Entries.File("Files/own", "own"),
                Entries.Link("Files/1", "Files/OWN"),
            Entries.Link("Files/2", "Files/dir/near.txt"), Entries.Link("Files/3", "Files/later"), Entries.File("Files/later", "later"),
            Entries.Link("Files/4", "Files/dir/old.txt"), Entries.File("Files/dir/old.txt", "new"), Entries.Link("Files/5", "Files/4"));

        Assert.Equal(["own", "near", "later", "far", "far"], Enumerable.Range(1, 5).Select(i => _volume.TextOf($"Files\\{i}")));
    }

    [Fact]
    public void Add_LinkFoundNowhere_IsRefusedWithItsEntry()
    {
        LayerRefusedException refused = Refused(Entries.Directory("Files"), Entries.Link("Files/l", "Files/none"));

        Assert.Same(LayerRules.LinkToNothing, refused.Rule);
        Assert.Equal("Files/l", refused.EntryName);
    }

    [Theory]
    [InlineData("Hives/l", "Files/dir/old.txt")]
    [InlineData("Files/l", "Hives/x")]
    [InlineData("Files/l", "UtilityVM/Files/EFI/u.dll")]
    [InlineData("UtilityVM/Files/l", "Files/dir/old.txt")]
    public void Add_LinkAcrossAreas_IsRefused(string path, string target) =>
        Assert.Same(LayerRules.LinkOutside, Refused(Entries.Directory("UtilityVM"), Entries.Link(path, target)).Rule);

    [Fact]
    public void Add_LinkToAParentsDirectory_IsRefused() =>
        Assert.Same(LayerRules.LinkToDirectory, Refused(Entries.Link("Files/l", "Files/dir")).Rule);

    [Fact]
    public void Add_LinkToAFileThatTheLayerRemoves_IsRefused() =>
        Assert.Same(LayerRules.LinkToNothing,
            Refused(Entries.File("Files/x"), Entries.Link("Files/l", "Files/x"), Entries.Whiteout("Files/x")).Rule);

    [Fact]
    public void Add_LinkOverAFileOfTheLayer_TakesItsPlace()
    {
        Write(Entries.File("Files/x", "file"), Entries.Link("Files/x", "Files/dir/old.txt"));

        Assert.Equal("far", _volume.TextOf("Files\\x"));
    }

    [Fact]
    public void Add_WhiteoutOfAFileThatTheLayerAdds_RemovesIt_WhateverTheOrder()
    {
        Write(Entries.Directory("Files"), Entries.Whiteout("Files/a"), Entries.File("Files/a"), Entries.File("Files/b"),
            Entries.Whiteout("Files/B"));

        Assert.Equal(["Files"], _volume.Paths);
    }

    [Fact]
    public void Add_WhiteoutOfADirectoryThatTheLayerAdds_IsRefused() =>
        Assert.Same(LayerRules.WhiteoutOfOwnDirectory, Refused(Entries.Whiteout("Files/dir"), Entries.File("Files/dir/x")).Rule);

    [Theory]
    [InlineData("Files")]
    [InlineData("Hives/System_Base")]
    [InlineData("UtilityVM/x")]
    [InlineData("other")]
    public void Add_WhiteoutOutsideFiles_IsRefused(string path) =>
        Assert.Same(LayerRules.WhiteoutOutside, Refused(Entries.Whiteout(path)).Rule);

    [Fact]
    public void Add_MissingParent_TakesTheNearestParentsMetadata()
    {
        Write(Entries.File("Files/dir/sub/x"), Entries.File("Files/new/x"));

        VolumeCall made = Assert.Single(_volume.Calls, call => call.Path == "Files\\dir\\sub" && call.Operation == "directory");
        Assert.Equal(_far.ReadMetadata(LayerPath.FromValue("Files\\dir\\sub")), made.Metadata);
        Assert.Contains("times Files\\dir\\sub", _volume.Log);
        Assert.Equal(FileMetadata.DefaultDirectory, Assert.Single(_volume.Calls, call => call.Path == "Files\\new").Metadata);
    }

    [Fact]
    public void Add_BelowAReparsePointOfAParent_IsRefused() =>
        Assert.Same(LayerRules.ThroughReparsePoint, Refused(Entries.Directory("Files"), Entries.File("Files/junction/x")).Rule);

    [Fact]
    public void Add_OpaqueDirectory_RemovesWhatTheLayerDoesNotBring_AtEveryDepth()
    {
        Write(
            Entries.Opaque("Files/dir"), Entries.Directory("Files"), Entries.Directory("Files/dir"), Entries.File("Files/dir/NEAR.txt"),
            Entries.Directory("Files/dir/sub"));

        Assert.Equal(["remove Files\\dir\\old.txt", "remove Files\\dir\\sub\\deep.txt"],
            _volume.Log.Where(call => call.StartsWith("remove", StringComparison.Ordinal)));
    }

    [Fact]
    public void Add_OpaqueDirectories_TwiceAndInEachOther_RemoveEachThingOnce()
    {
        Write(
            Entries.Opaque("Files/dir/sub"), Entries.Opaque("Files/DIR"), Entries.Opaque("Files/dir"), Entries.Opaque("Files/dir/sub"),
            Entries.Directory("Files"), Entries.Directory("Files/dir"), Entries.File("Files/dir/new"));

        Assert.Equal(
            ["remove Files\\dir\\near.txt", "remove Files\\dir\\old.txt", "remove Files\\dir\\sub"],
            _volume.Log.Where(call => call.StartsWith("remove", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Add_OpaqueDirectoryThatTheLayerHasNothingIn_RemovesItsContents()
    {
        Write(Entries.Opaque("Files/dir/SUB"), Entries.Opaque("Files/none"));

        Assert.Equal(["remove Files\\dir\\sub\\deep.txt"], _volume.Log);
    }

    [Theory]
    [InlineData("Files/x.$wcidirs$")]
    [InlineData("Files/x.$WCIDIRS$/y")]
    [InlineData("tombstones.txt")]
    public void Add_NameThatTheTransportFolderNeeds_IsRefused(string name) =>
        Assert.Same(LayerRules.MarkerName, Refused(Entries.File(name)).Rule);

    [Fact]
    public void Add_TheListOfRemovalsOfAnExportedFolder_IsExplained()
    {
        LayerRefusedException refused = Refused(Entries.File("Tombstones.txt"));

        Assert.Contains("list of removals of a folder that Windows exported", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("whiteouts", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_UtilityVm_ClonesTheNearestParents_SharingFilesButNotTheBootConfiguration()
    {
        Write(Entries.Directory("UtilityVM"));

        Assert.Equal(
            [
                "directory UtilityVM", "directory UtilityVM\\Files", "directory UtilityVM\\Files\\EFI",
                    "directory UtilityVM\\Files\\EFI\\Microsoft",
                "directory UtilityVM\\Files\\EFI\\Microsoft\\Boot", "file UtilityVM\\Files\\EFI\\Microsoft\\Boot\\BCD",
                "link UtilityVM\\Files\\EFI\\u.dll -> UtilityVM\\Files\\EFI\\u.dll in far",
                "times UtilityVM\\Files\\EFI\\Microsoft\\Boot", "times UtilityVM\\Files\\EFI\\Microsoft", "times UtilityVM\\Files\\EFI",
                    "times UtilityVM\\Files",
            ],
            _volume.Log);
    }

    [Fact]
    public void Add_UtilityVmEntries_ReplaceFilesKeepDirectoriesAndChangeKinds()
    {
        Write(
            Entries.Directory("UtilityVM"), Entries.Directory("UtilityVM/Files/EFI"), Entries.File("UtilityVM/Files/EFI/U.dll", "new"),
            Entries.Junction("UtilityVM/Files/EFI/Microsoft"));

        Assert.Equal("new", _volume.TextOf("UtilityVM\\Files\\EFI\\u.dll"));
        Assert.Contains("update UtilityVM\\Files\\EFI", _volume.Log);
        Assert.True(_volume.Find(LayerPath.FromValue("UtilityVM\\Files\\EFI\\Microsoft"))!.Value.IsReparsePoint);
        Assert.DoesNotContain("UtilityVM\\Files\\EFI\\Microsoft\\Boot", _volume.Paths);
    }

    [Fact]
    public void Add_UtilityVmFileTwice_IsRefused() =>
        Assert.Same(LayerRules.Duplicate,
            Refused(Entries.Directory("UtilityVM"), Entries.File("UtilityVM/Files/x"), Entries.File("UtilityVM/Files/X")).Rule);

    [Fact]
    public void Add_UtilityVmOpaqueDirectory_EmptiesTheClone()
    {
        Write(Entries.Directory("UtilityVM"), Entries.Opaque("UtilityVM/Files/EFI"), Entries.File("UtilityVM/Files/EFI/Microsoft/own"));

        Assert.Equal(
            ["UtilityVM", "UtilityVM\\Files", "UtilityVM\\Files\\EFI", "UtilityVM\\Files\\EFI\\Microsoft",
                "UtilityVM\\Files\\EFI\\Microsoft\\own"], _volume.Paths);
    }

    [Fact]
    public void Add_UtilityVmOpaqueDirectories_TwiceAndInEachOther_KeepWhatTheLayerBrings()
    {
        Write(
            Entries.Directory("UtilityVM"), Entries.Opaque("UtilityVM/Files/EFI/Microsoft"), Entries.Opaque("UtilityVM/Files"),
                Entries.Opaque("UtilityVM/FILES"),
            Entries.File("UtilityVM/Files/EFI/Microsoft/own"), Entries.Opaque("UtilityVM/Files/EFI/Microsoft/Boot"));

        Assert.Equal(
            ["UtilityVM", "UtilityVM\\Files", "UtilityVM\\Files\\EFI", "UtilityVM\\Files\\EFI\\Microsoft",
                "UtilityVM\\Files\\EFI\\Microsoft\\own"], _volume.Paths);
        Assert.Equal(
            ["remove UtilityVM\\Files\\EFI\\Microsoft\\Boot", "remove UtilityVM\\Files\\EFI\\u.dll"],
            _volume.Log.Where(call => call.StartsWith("remove", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Add_UtilityVmWithoutAParentsUtilityVm_IsRefused()
    {
        var writer = new DiffLayerWriter(_volume, _volume, [_near]);

        Assert.Same(LayerRules.UtilityVmNowhere,
            Assert.Throws<LayerRefusedException>(() => writer.Add(Entries.Directory("UtilityVM"))).Rule);
    }

    [Fact]
    public void Add_UtilityVmEntryOutsideItsFiles_IsRefused() =>
        Assert.Same(LayerRules.UtilityVmShape, Refused(Entries.Directory("UtilityVM"), Entries.File("UtilityVM/other")).Rule);

    [Fact]
    public void Add_UtilityVmFileWithoutTheDirectory_IsRefused() =>
        Assert.Same(LayerRules.UtilityVmMissing, Refused(Entries.File("UtilityVM/Files/x")).Rule);

    [Fact]
    public void Add_UtilityVmWhiteoutOfNothing_IsRefused() =>
        Assert.Same(LayerRules.UtilityVmWhiteoutOfNothing, Refused(Entries.Whiteout("UtilityVM/Files/none")).Rule);

    [Fact]
    public void Add_UtilityVmLink_LooksInTheLayersOwnFolder()
    {
        Write(Entries.Directory("UtilityVM"), Entries.Link("UtilityVM/Files/l", "UtilityVM/Files/EFI/U.DLL"));

        Assert.Contains("link UtilityVM\\Files\\l -> UtilityVM\\Files\\EFI\\U.DLL in layer", _volume.Log);
    }

    private static void Fill(RecordingVolume volume, params LayerEntry[] entries)
    {
        var writer = new BaseLayerWriter(volume);
        foreach (LayerEntry entry in entries)
            writer.Add(entry);
        writer.Complete();
    }

    private void Write(params LayerEntry[] entries) => WriteTo(_volume, entries);

    private LayerRefusedException Refused(params LayerEntry[] entries)
    {
        using var volume = new RecordingVolume();
        return Assert.Throws<LayerRefusedException>(() => WriteTo(volume, entries));
    }

    private void WriteTo(RecordingVolume volume, LayerEntry[] entries)
    {
        var writer = new DiffLayerWriter(volume, volume, [_near, _far]);
        foreach (LayerEntry entry in entries)
            writer.Add(entry);
        writer.Complete();
    }
}
