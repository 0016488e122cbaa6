using WinLayers.Formats;
using WinLayers.Formats.Tar;
using WinLayers.Testing;
using WinLayers.Writing;

namespace WinLayers.Tests.Writing;

public sealed class BaseLayerWriterTests : IDisposable
{
    private readonly RecordingVolume _volume = new();

    public void Dispose() => _volume.Dispose();

    [Fact]
    public void Complete_SetsDirectoryTimes_LastAddedFirst()
    {
        Write(Entries.Directory("Files"), Entries.Directory("Files/a"), Entries.File("Files/a/x"), Entries.Directory("Files/b"));

        Assert.Equal(["times Files\\b", "times Files\\a", "times Files"], _volume.Log.TakeLast(3));
        Assert.True(_volume.Completed);
    }

    [Fact]
    public void Add_LinkAheadOfItsTarget_IsMadeAtTheEnd()
    {
        Write(
            Entries.Directory("Files"), Entries.Link("Files/third", "Files/second"), Entries.Link("Files/second", "Files/first"),
            Entries.File("Files/first", "text"));

        Assert.Equal(
            ["directory Files", "file Files\\first", "link Files\\second -> Files\\first in layer",
                "link Files\\third -> Files\\second in layer"],
            _volume.Log.Take(4));
        Assert.Equal("text", _volume.TextOf("Files\\third"));
    }

    [Fact]
    public void Add_LinkInOtherCase_FindsItsTarget()
    {
        Write(Entries.Directory("Files"), Entries.File("Files/First", "text"), Entries.Link("Files/second", "FILES/FIRST"));

        Assert.Equal("text", _volume.TextOf("Files\\second"));
    }

    [Fact]
    public void Complete_LinksInACircle_AreRefused()
    {
        LayerRefusedException refused = Refused(
            Entries.Directory("Files"), Entries.Link("Files/a", "Files/b"), Entries.Link("Files/b", "Files/c"),
                Entries.Link("Files/c", "Files/a"));

        Assert.Same(LayerRules.LinkLoop, refused.Rule);
    }

    [Theory]
    [InlineData("Files/none")]
    [InlineData("Files/l")]
    public void Complete_LinkToNothing_IsRefusedWithItsName(string target)
    {
        LayerRefusedException refused = Refused(Entries.Directory("Files"), Entries.Link("Files/l", target));

        Assert.Contains(refused.Rule, new[] { LayerRules.LinkToNothing, LayerRules.LinkLoop });
        Assert.Equal("Files/l", refused.EntryName);
    }

    [Theory]
    [InlineData("Files/l", "Hives/System_Base")]
    [InlineData("Hives/l", "Files/f")]
    [InlineData("Files/l", "UtilityVM/Files/f")]
    [InlineData("UtilityVM/Files/l", "Files/later")]
    public void Add_LinkAcrossAreas_IsRefused(string path, string target) => Assert.Same(
        LayerRules.LinkOutside,
        Refused(
            Entries.File("Files/f"), Entries.File("Hives/System_Base"), Entries.File("UtilityVM/Files/f"), Entries.Link(path, target),
                Entries.File("Files/later")).Rule);

    [Fact]
    public void Add_LinkToADirectory_IsRefused() =>
        Assert.Same(LayerRules.LinkToDirectory,
            Refused(Entries.Directory("Files"), Entries.Directory("Files/d"), Entries.Link("Files/l", "Files/d")).Rule);

    [Fact]
    public void Add_MissingParents_AreMadeOutermostFirst_AndTheirOwnEntryUpdatesThem()
    {
        Write(Entries.File("Files/a/b/x"), Entries.Directory("Files/a"));

        Assert.Equal(
            ["directory Files", "directory Files\\a", "directory Files\\a\\b", "file Files\\a\\b\\x", "update Files\\a", "times Files\\a"],
                _volume.Log);
    }

    [Theory]
    [InlineData("Files/a.txt")]
    [InlineData("FILES/A.TXT")]
    public void Add_SameFileTwice_IsRefused(string again) =>
        Assert.Same(LayerRules.Duplicate, Refused(Entries.Directory("Files"), Entries.File("Files/a.txt"), Entries.File(again)).Rule);

    [Fact]
    public void Add_SameDirectoryTwice_IsRefused() =>
        Assert.Same(LayerRules.Duplicate, Refused(Entries.Directory("Files"), Entries.Directory("files")).Rule);

    [Fact]
    public void Add_BelowAReparsePoint_IsRefused() =>
        Assert.Same(LayerRules.ThroughReparsePoint,
            Refused(Entries.Directory("Files"), Entries.Junction("Files/j"), Entries.File("Files/J/x")).Rule);

    [Fact]
    public void Add_BelowAFile_IsRefused() =>
        Assert.Same(LayerRules.NotADirectory,
            Refused(Entries.Directory("Files"), Entries.File("Files/f"), Entries.File("Files/f/g/x")).Rule);

    [Fact]
    public void Add_ReparsePointOverAnImpliedDirectory_IsRefused() =>
        Assert.Same(LayerRules.ReparsePointWithContents, Refused(Entries.File("Files/d/x"), Entries.Junction("Files/d")).Rule);

    [Fact]
    public void Add_WhiteoutOrOpaqueMarker_IsRefused()
    {
        Assert.Same(LayerRules.WhiteoutInBase, Refused(Entries.Whiteout("Files/a")).Rule);
        Assert.Same(LayerRules.WhiteoutInBase, Refused(Entries.Opaque("Files")).Rule);
    }

    [Fact]
    public void Add_EntryForTheRoot_IsPassedOver_UnlessItWouldReplaceTheRoot()
    {
        Write(Entries.Directory("./"), Entries.Directory("Files"));
        Assert.Equal(["directory Files", "times Files"], _volume.Log);

        Assert.Same(TarRules.RootEntry, Refused(Entries.File(".")).Rule);
        Assert.Same(TarRules.RootEntry, Refused(Entries.Junction(".")).Rule);
    }

    [Theory]
    [InlineData("Files/a?b")]
    [InlineData("Files/<x>")]
    public void Add_NameThatWindowsCannotMake_IsRefused(string name) =>
        Assert.Same(LayerRules.WindowsCharacter, Refused(Entries.File(name)).Rule);

    [Fact]
    public void Add_BootConfiguration_IsSavedBesideTheLayer()
    {
        Write(Entries.File("UtilityVM/Files/EFI/Microsoft/Boot/BCD", "b"),
            Entries.File("UtilityVM/Files/EFI/Microsoft/Boot/bcd.log1", "l"), Entries.File("Files/BCD", "no"));

        Assert.Equal(["bcd.bak", "bcd.log1.bak"], _volume.SavedCopies.Keys.Order());
    }

    private void Write(params LayerEntry[] entries)
    {
        var writer = new BaseLayerWriter(_volume);
        foreach (LayerEntry entry in entries)
            writer.Add(entry);
        writer.Complete();
    }

    private static LayerRefusedException Refused(params LayerEntry[] entries)
    {
        using var volume = new RecordingVolume();
        var writer = new BaseLayerWriter(volume);
        return Assert.Throws<LayerRefusedException>(() =>
        {
            foreach (LayerEntry entry in entries)
                writer.Add(entry);
            writer.Complete();
        });
    }
}
