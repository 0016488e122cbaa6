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

    [Fact]
    public void Find_NameWithHalfOfAPair_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "names there may hold such halves");
        using HostFolder folder = HostFolder.Open(_folder.FolderPath);
        Assert.Throws<ArgumentException>(() => folder.Find("\uD800"));
        Assert.Throws<ArgumentException>(() => folder.Find("\uDC2F"));
    }
}
