using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Testing;
using WinLayers.Transport;
using WinLayers.Writing;

namespace WinLayers.Tests.Transport;

/// <summary>What the recorded layers do not show of staging.</summary>
public sealed class TransportVolumeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-transport-").FullName;
    private readonly RecordingVolume _parent = new("parent");

    public void Dispose()
    {
        _parent.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Create_BelowADirectoryInOtherCase_LandsInThatDirectory()
    {
        Stage(LayerTar.New().Directory("Files").Directory("Files/Dir").File("FILES/dir/x"));

        Assert.True(File.Exists(Path.Combine(_folder, "out", "Files", "Dir", "x")));
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(_folder, "out")));
    }

    [Fact]
    public void Create_ImpliedDirectoryAndThenItsEntry_HasTheEntrysMetadata()
    {
        Stage(LayerTar.New().File("Files/d/x").Directory("Files/d", Pax.Attributes(0x12)));

        Assert.Equal([0x12, 0, 0, 0], File.ReadAllBytes(Path.Combine(_folder, "out", "Files", "d.$wcidirs$")));
        Assert.Equal([0x10, 0, 0, 0], File.ReadAllBytes(Path.Combine(_folder, "out", "Files.$wcidirs$")));
    }

    [Theory]
    [InlineData("Files/CON")]
    [InlineData("Files/dot.")]
    [InlineData("Files/space ")]
    public void Create_NameThatIsOddOnWindows_IsStaged(string name)
    {
        Stage(LayerTar.New().Directory("Files").File(name));

        Assert.Contains(Directory.EnumerateFiles(Path.Combine(_folder, "out", "Files")), file => Path.GetFileName(file) == name[6..]);
    }

    [Fact]
    public void Create_NameThatDoesNotFitTheFileSystem_IsRefusedWithItsEntry()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There the name fits.");

        LayerRefusedException refused =
            Assert.Throws<LayerRefusedException>(() => Stage(LayerTar.New().Directory("Files").File($"Files/{new string('文', 90)}")));

        Assert.Same(LayerRules.TransportNameLength, refused.Rule);
        Assert.NotNull(refused.TarOffset);
    }

    [Fact]
    public void Stage_RefusedLayer_LeavesNothing()
    {
        Assert.Throws<LayerRefusedException>(() => Stage(LayerTar.New().Directory("Files").File("Files/a").File("Files/A")));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Stage_CutTar_LeavesNothing()
    {
        byte[] tar = LayerTar.New().Directory("Files").File("Files/a", new byte[100_000]).ToUnfinished();

        Assert.Throws<LayerRefusedException>(
            () => LayerStager.Stage(new MemoryStream(tar, 0, 50_000), Path.Combine(_folder, "out"), [_parent]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Stage_IntoAFolderThatExists_IsRefused_AndLeavesItAlone()
    {
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "out")).FullName, "mine");
        File.WriteAllText(file, "mine");

        Assert.Equal(StagingFailure.Taken, Assert.Throws<StagingException>(() => Stage(LayerTar.New().Directory("Files"))).Reason);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("out.plan.json")]
    [InlineData("out.uvm.tar")]
    public void Stage_BesideAFileThatExists_IsRefused_AndLeavesItAlone(string name)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllText(file, "mine");

        StagingException refused = Assert.Throws<StagingException>(() => Stage(LayerTar.New().Directory("Files")));

        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(file));
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("out")]
    [InlineData("out.plan.json")]
    public void Stage_WhereSomebodyElseTakesTheNameMeanwhile_Fails_AndLeavesItAlone(string name)
    {
        string file = Path.Combine(_folder, name);
        using var tar = new StreamThatEndsWith(LayerTar.New().Directory("Files").ToArray(), () => File.WriteAllText(file, "mine"));

        Assert.Throws<IOException>(() => LayerStager.Stage(tar, Path.Combine(_folder, "out"), [_parent]));

        Assert.Equal("mine", File.ReadAllText(file));
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Stage_TarWithoutAnEnd_IsTakenWithAWarning()
    {
        LayerTar tar = LayerTar.New().Directory("Files").File("Files/a");

        StagedLayer staged = LayerStager.Stage(new MemoryStream(tar.ToUnfinished()), Path.Combine(_folder, "out"), [_parent]);
        StagedLayer whole = LayerStager.Stage(tar.Open(), Path.Combine(_folder, "whole"), [_parent]);

        Assert.Same(TarRules.NoEnd, Assert.Single(staged.Warnings).Rule);
        Assert.Empty(whole.Warnings);
    }

    [Fact]
    public void ApplyUtilityVm_TarWithoutAnEnd_IsRefused()
    {
        using var layer = new RecordingVolume();

        Assert.Same(TarRules.Truncated,
            Assert.Throws<LayerRefusedException>(() => LayerStager.ApplyUtilityVm(Stream.Null, layer, [_parent])).Rule);
    }

    [Fact]
    public void Stage_BaseLayer_IsRefusedWithWhatToDo()
    {
        using MemoryStream tar = LayerTar.New().Directory("Files").Open();

        LayerRefusedException refused =
            Assert.Throws<LayerRefusedException>(() => LayerStager.Stage(tar, Path.Combine(_folder, "out"), []));

        Assert.Same(LayerRules.StagedBase, refused.Rule);
        Assert.Contains("unpack", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Stage_LargeFile_IsStagedWhole()
    {
        byte[] body = new byte[1_000_003];
        new Random(7).NextBytes(body);

        Stage(LayerTar.New().Directory("Files").File("Files/big", body).File("Files/small", "s"));

        byte[] staged = File.ReadAllBytes(Path.Combine(_folder, "out", "Files", "big"));
        Assert.True(staged.AsSpan(4 + 20).SequenceEqual(body));
    }

    [Fact]
    public void Constructor_FolderWithContents_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder, "mine"), "mine");

        Assert.Equal(StagingFailure.Taken, Assert.Throws<StagingException>(() => new TransportVolume(_folder).Dispose()).Reason);
    }

    [Fact]
    public void CreateFile_WhereASymbolicLinkStands_IsRefused_AndDoesNotFollowIt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making symbolic links takes a privilege on Windows.");
        string staging = Path.Combine(_folder, "out"), outside = Path.Combine(_folder, "outside");
        using var volume = new TransportVolume(staging);
        File.CreateSymbolicLink(Path.Combine(staging, "x"), outside);

        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(
            () => volume.CreateFile(LayerPath.Parse("x"), new FileMetadata(), EntryContent.None));

        Assert.Same(LayerRules.Duplicate, refused.Rule);
        Assert.False(File.Exists(outside));
    }

    private StagedLayer Stage(LayerTar tar)
    {
        using MemoryStream stream = tar.Open();
        return LayerStager.Stage(stream, Path.Combine(_folder, "out"), [_parent]);
    }

    /// <summary>Does something when it is read to its end.</summary>
    private sealed class StreamThatEndsWith(byte[] bytes, Action atEnd) : MemoryStream(bytes, writable: false)
    {
        public override int Read(Span<byte> buffer)
        {
            int read = base.Read(buffer);
            if (read == 0)
                atEnd();
            return read;
        }
    }
}
