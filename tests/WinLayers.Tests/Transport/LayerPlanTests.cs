using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Testing;
using WinLayers.Transport;
using WinLayers.Writing;

namespace WinLayers.Tests.Transport;

public sealed class LayerPlanTests
{
    private static readonly LayerPlan Plan = new()
    {
        Removals = [LayerPath.Parse("Files/gone")],
        Links = [new(LayerPath.Parse("Files/l"), LayerPath.Parse("Files/t"), "/parent"),
            new(LayerPath.Parse("Files/m"), LayerPath.Parse("Files/l"), null)],
        DirectoryTimes =
            [new(LayerPath.Parse("Files"), FileAttributes.Directory,
            new FileTimes(new FileTime(1), new FileTime(2), new FileTime(3), new FileTime(4)))],
    };

    [Fact]
    public void Write_HasTheDocumentedShape()
    {
        using var document = new MemoryStream();
        Plan.Write(document);

        Assert.Equal(
            """{"removals":["Files\\gone"],"links":[{"path":"Files\\l","target":"Files\\t","from":"/parent"},{"path":"Files\\m","target":"Files\\l","from":"layer"}],"directoryTimes":[{"path":"Files","attributes":16,"creation":1,"access":2,"write":3,"change":4}]}""",
            Encoding.UTF8.GetString(document.ToArray()));
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        using var document = new MemoryStream();
        Plan.Write(document);
        document.Position = 0;

        LayerPlan read = LayerPlan.Read(document);

        Assert.Equal(Plan.Removals, read.Removals);
        Assert.Equal(Plan.Links, read.Links);
        Assert.Equal(Plan.DirectoryTimes, read.DirectoryTimes);
    }

    [Fact]
    public void Write_ChangesOfTheUtilityVm_AreSaidWhereNothingElseShowsThem()
    {
        LayerPlan silent = new() { ChangesUtilityVm = true };
        LayerPlan telling =
            new()
            {
                ChangesUtilityVm = true,
                DirectoryTimes = [new(LayerPath.Parse("UtilityVM/Files"), FileAttributes.Directory, default)]
            };

        Assert.Equal("""{"removals":[],"links":[],"directoryTimes":[],"utilityVm":true}""", Text(silent));
        Assert.DoesNotContain("utilityVm", Text(telling), StringComparison.Ordinal);
        Assert.All([silent, telling],
            plan => Assert.True(LayerPlan.Read(new MemoryStream(Encoding.UTF8.GetBytes(Text(plan)))).ChangesUtilityVm));
        Assert.False(Plan.ChangesUtilityVm);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"removals":[null]}""")]
    [InlineData("""{"removals":[""]}""")]
    [InlineData("""{"removals":["Files\\..\\x"]}""")]
    [InlineData("""{"removals":["Hives\\x"]}""")]
    [InlineData("""{"removals":["Files"]}""")]
    [InlineData("""{"removals":["C:\\x"]}""")]
    [InlineData("""{"links":[null]}""")]
    [InlineData("""{"links":[{"path":"Files\\a","target":"Files\\b"}]}""")]
    [InlineData("""{"links":[{"path":"Files\\a","target":"Hives\\b","from":"layer"}]}""")]
    [InlineData("""{"links":[{"path":"UtilityVM\\Files\\a","target":"Files\\b","from":"layer"}]}""")]
    [InlineData("""{"directoryTimes":[null]}""")]
    [InlineData("""{"directoryTimes":[{"path":"Files","attributes":16,"creation":-1}]}""")]
    [InlineData("""{"directoryTimes":[{"path":"Files","attributes":"x"}]}""")]
    public void Read_HostileDocument_IsRefused(string json)
    {
        using var document = new MemoryStream(Encoding.UTF8.GetBytes(json));

        Assert.Equal(StagingFailure.Plan, Assert.Throws<StagingException>(() => LayerPlan.Read(document)).Reason);
    }

    [Fact]
    public void Apply_PerformsRemovalsThenLinksThenTimes_InTheParentThatIsNamed()
    {
        using var parent = new RecordingVolume("/parent/");
        using var layer = new RecordingVolume();
        Fill(parent, "Files/t");
        Fill(layer, "Files/gone");
        int before = layer.Calls.Count;

        Plan.Apply(layer, [parent]);

        Assert.Equal(
            ["remove Files\\gone", "link Files\\l -> Files\\t in /parent/", "link Files\\m -> Files\\l in layer", "times Files"],
                layer.Log.Skip(before));
    }

    [Fact]
    public void Apply_LinkIntoAFolderThatIsNoParent_ChangesNothing()
    {
        using var layer = new RecordingVolume();
        Fill(layer, "Files/gone");
        int before = layer.Calls.Count;

        Assert.Equal(StagingFailure.Plan, Assert.Throws<StagingException>(() => Plan.Apply(layer, [])).Reason);
        Assert.Equal(before, layer.Calls.Count);
    }

    private static string Text(LayerPlan plan)
    {
        using var document = new MemoryStream();
        plan.Write(document);
        return Encoding.UTF8.GetString(document.ToArray());
    }

    private static void Fill(RecordingVolume volume, string file)
    {
        var writer = new BaseLayerWriter(volume);
        writer.Add(Entries.Directory("Files"));
        writer.Add(Entries.File(file));
        writer.Complete();
    }
}
