using WinLayers.Testing;
using WinLayers.Transport;
using WinLayers.Writing;

namespace WinLayers.Windows.Tests;

/// <summary>What has to stand beside a staged folder before it is imported.</summary>
public sealed class StagedFilesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("winlayers-staged-").FullName;
    private readonly RecordingVolume _parent = new("parent");

    public StagedFilesTests()
    {
        var writer = new BaseLayerWriter(_parent);
        foreach (string directory in (string[])["Files", "UtilityVM", "UtilityVM/Files"])
            writer.Add(Entries.Directory(directory));
        writer.Add(Entries.File("UtilityVM/Files/old.sys"));
        writer.Complete();
    }

    private string Out => Path.Join(_root, "out");

    public void Dispose()
    {
        _parent.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Require_WhatStagingWrote_IsAll()
    {
        StagedLayer staged = Stage(PlainLayer());

        StagedFiles found = StagedFiles.Require(Out + Path.DirectorySeparatorChar, plan: null, utilityVmTar: null);

        Assert.Equal(staged.Folder, found.Folder);
        Assert.Equal(staged.Plan.DirectoryTimes, found.Plan.DirectoryTimes);
        Assert.Null(found.UtilityVmTar);
    }

    [Fact]
    public void Require_PlanLeftBehind_IsRefused()
    {
        File.Delete(Stage(PlainLayer()).PlanFile);

        StagingException refused = Refused(StagingFailure.Incomplete);

        Assert.Contains("out.plan.json", refused.Message, StringComparison.Ordinal);
        Assert.Contains("stage the layer again", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_PlanHandedOver_NeedsNoFile()
    {
        StagedLayer staged = Stage(PlainLayer());
        File.Delete(staged.PlanFile);

        Assert.Same(staged.Plan, StagedFiles.Require(Out, staged.Plan, utilityVmTar: null).Plan);
    }

    [Fact]
    public void Require_UtilityVmTarLeftBehind_IsRefused()
    {
        File.Delete(Stage(PlainLayer().Directory("UtilityVM").Directory("UtilityVM/Files").File("UtilityVM/Files/new.sys")).UtilityVmFile!);

        Assert.Contains("out.uvm.tar", Refused(StagingFailure.UtilityVm).Message, StringComparison.Ordinal);
    }

    // Neither a link nor a directory's times name the Utility VM in these plans.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Require_UtilityVmTarThatNothingElseShows_LeftBehind_IsRefused(bool removes)
    {
        LayerTar layer = PlainLayer().Directory("UtilityVM");
        StagedLayer staged = Stage(removes ? layer.Whiteout("UtilityVM/Files/old.sys") : layer.File("UtilityVM/Files/new.sys"));

        Assert.Equal(staged.UtilityVmFile, StagedFiles.Require(Out, plan: null, utilityVmTar: null).UtilityVmTar);
        File.Delete(staged.UtilityVmFile!);

        Refused(StagingFailure.UtilityVm);
    }

    [Fact]
    public void Require_UtilityVmTarOfAnotherLayer_IsRefused()
    {
        Stage(PlainLayer());
        File.WriteAllBytes(Out + ".uvm.tar", new byte[1024]);

        Refused(StagingFailure.UtilityVm);
    }

    // Some ways of copying a folder leave empty directories out, and a plan may be another layer's.
    [Fact]
    public void Require_FolderWithoutADirectoryOfThePlan_IsRefused()
    {
        Stage(PlainLayer().Directory("Files/empty", Pax.Written("1700000000")));
        File.Delete(Path.Join(Out, "Files", "empty.$wcidirs$"));

        Assert.Contains(@"Files\empty", Refused(StagingFailure.Incomplete).Message, StringComparison.Ordinal);
    }

    private static LayerTar PlainLayer() => LayerTar.New().Directory("Files").File("Files/a.txt", "a");

    private StagingException Refused(StagingFailure reason)
    {
        StagingException refused = Assert.Throws<StagingException>(() => StagedFiles.Require(Out, plan: null, utilityVmTar: null));
        Assert.Equal(reason, refused.Reason);
        return refused;
    }

    private StagedLayer Stage(LayerTar tar)
    {
        using MemoryStream stream = tar.Open();
        return LayerStager.Stage(stream, Out, [_parent]);
    }
}
