using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Volumes;

namespace WinLayers.Tests.Volumes;

public sealed class FolderTreeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-tree-").FullName;

    public FolderTreeTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "Files", "Windows"));
        File.WriteAllText(Path.Combine(_folder, "Files", "Windows", "a.txt"), "text");
        File.WriteAllText(Path.Combine(_folder, "Files", "B.txt"), "b");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Find_InOtherCase_IsFound()
    {
        using var tree = new FolderTree(_folder);

        Assert.Equal(new VolumeNode(LayerPath.Parse("FILES/windows/A.TXT"), false, false, 4),
            tree.Find(LayerPath.Parse("FILES/windows/A.TXT")));
        Assert.Null(tree.Find(LayerPath.Parse("Files/none")));
        Assert.Null(tree.Find(LayerPath.Parse("Files/B.txt/below")));
    }

    [Fact]
    public void Enumerate_IsInOrdinalOrder()
    {
        using var tree = new FolderTree(_folder);

        Assert.Equal(["files\\B.txt", "files\\Windows"], tree.Enumerate(LayerPath.Parse("files")).Select(node => node.Path.Value));
        Assert.Empty(tree.Enumerate(LayerPath.Parse("Files/none")));
    }

    [Fact]
    public void OpenRead_GivesTheData()
    {
        using var tree = new FolderTree(_folder);
        using OpenContent content = tree.OpenRead(LayerPath.Parse("Files/windows/a.txt"));

        Assert.Equal("text", new StreamReader(content.Data).ReadToEnd());
        Assert.Throws<FileNotFoundException>(() => tree.OpenRead(LayerPath.Parse("Files/none")));
    }

    [Fact]
    public void ReadMetadata_IsWhatTheFileSystemTells()
    {
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "Files", "B.txt"),
            FileTime.FromUnix(1_700_000_000, 5).ToDateTimeOffset().UtcDateTime);
        using var tree = new FolderTree(_folder);

        FileMetadata metadata = tree.ReadMetadata(LayerPath.Parse("Files/b.txt"));

        Assert.Equal(FileTime.FromUnix(1_700_000_000, 5), metadata.Times.Write);
        Assert.Equal(FileAttributes.Archive, metadata.Attributes);
        Assert.Equal(FileAttributes.Directory, tree.ReadMetadata(LayerPath.Parse("Files")).Attributes);
    }

    [Fact]
    public void Find_SymbolicLink_IsAReparsePointThatNothingIsReadThrough()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making symbolic links takes a privilege on Windows.");
        string outside = Directory.CreateTempSubdirectory("winlayers-outside-").FullName;
        File.WriteAllText(Path.Combine(outside, "secret"), "secret");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "Files", "link"), outside);
        File.CreateSymbolicLink(Path.Combine(_folder, "Files", "file"), Path.Combine(outside, "secret"));
        using var tree = new FolderTree(_folder);

        Assert.True(tree.Find(LayerPath.Parse("Files/link"))!.Value.IsReparsePoint);
        Assert.Null(tree.Find(LayerPath.Parse("Files/link/secret")));
        Assert.Empty(tree.Enumerate(LayerPath.Parse("Files/link")));
        using OpenContent content = tree.OpenRead(LayerPath.Parse("Files/file"));
        Assert.Equal(-1, content.Data.ReadByte());
        Assert.Equal(outside.Replace('/', '\\'), tree.ReadMetadata(LayerPath.Parse("Files/link")).Reparse!.PrintName);
        Directory.Delete(outside, recursive: true);
    }
}
