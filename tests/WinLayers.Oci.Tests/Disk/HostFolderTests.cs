using WinLayers.Oci.Disk;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Disk;

public sealed class HostFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // The framework finds no way to such names, so this falls to ours.
    public void Dispose()
    {
        using (HostFolder root = HostFolder.Open(_folder.FolderPath))
            root.RemoveContents();
        _folder.Dispose();
    }

    [Fact]
    public void RemoveTree_NamesThatAreNoUtf8_LeavesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "file systems elsewhere hold no such names");
        OddNames.MakeIn(_folder["a"]);
        using HostFolder root = HostFolder.Open(_folder.FolderPath);

        root.RemoveTree("a");

        Assert.False(Path.Exists(_folder["a"]));
    }

    [Fact]
    public void List_NamesThatAreNoUtf8_AreDistinctAndLeadBackToWhatHasThem()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "file systems elsewhere hold no such names");
        OddNames.MakeIn(_folder["a"]);
        using HostFolder folder = HostFolder.Open(_folder["a"]);

        List<string> names = folder.List();

        Assert.Equal(OddNames.Count, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, name => Assert.NotNull(folder.Find(name)));
        Assert.Contains("whole \u00E9\U0001F600", names);
    }

    // 600 names of 200 bytes need many calls, 1,000 short ones a single call.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1000, 1)]
    [InlineData(600, 200)]
    [InlineData(40, 255)]
    public void OpenBelow_ManyNames_IsTheFolderThatEachOpensInTheOneBefore(int count, int length)
    {
        string[] names = [.. Enumerable.Repeat(new string('n', length), count)];
        using HostFolder root = HostFolder.Open(_folder.FolderPath);
        HostFolder folder = root;
        foreach (string name in names)
        {
            Assert.True(folder.TryMakeFolder(name));
            HostFolder next = folder.OpenFolder(name);
            if (folder != root)
                folder.Dispose();
            folder = next;
        }

        using (folder)
        using (HostFolder below = root.OpenBelow(names))
        {
            folder.TryMakeFile("here")!.Dispose();
            Assert.Equal(["here"], below.List());
            Assert.Equal(folder.Location, below.Location);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void OpenBelow_LinkOnTheWay_IsNotFollowed(int at)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        string[] names = ["a", "b", "c"];
        Directory.CreateDirectory(_folder["elsewhere/b/c"]);
        Directory.CreateDirectory(Path.Combine([_folder.FolderPath, .. names[..at]]));
        // Relative, and not out of the folder: only that it is a link is wrong.
        string link = Path.Combine([_folder.FolderPath, .. names[..(at + 1)]]);
        File.CreateSymbolicLink(link,
            Path.GetRelativePath(Path.GetDirectoryName(link)!, _folder[string.Join('/', ["elsewhere", .. names[1..(at + 1)]])]));
        using HostFolder root = HostFolder.Open(_folder.FolderPath);

        DiskException refused = Assert.Throws<DiskException>(() => root.OpenBelow(names));

        Assert.Contains($"'{link}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("cannot open the folder", Assert.Throws<DiskException>(() => root.OpenBelow(["none", "x"])).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a/..")]
    [InlineData("a\0b")]
    public void OpenBelow_NameThatIsNotOneComponent_IsRefused(string name)
    {
        Directory.CreateDirectory(_folder["a/a"]);
        using HostFolder root = HostFolder.Open(_folder["a"]);
        Assert.Throws<ArgumentException>(() => root.OpenBelow([name]));
        Assert.Throws<ArgumentException>(() => root.OpenBelow(["a", name]));
    }

    [Fact]
    public void Find_NameWithHalfOfAPair_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "names there may hold such halves");
        using HostFolder folder = HostFolder.Open(_folder.FolderPath);
        Assert.Throws<ArgumentException>(() => folder.Find("\uD800"));
        Assert.Throws<ArgumentException>(() => folder.Find("\uDC2F"));
    }
}
