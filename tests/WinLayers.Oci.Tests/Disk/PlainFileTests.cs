using WinLayers.Oci.Disk;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Disk;

public sealed class PlainFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OpenRead_Device_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Devices have no paths of files there.");
        Assert.Throws<DiskException>(() => PlainFile.OpenRead("/dev/null"));
        Assert.False(PlainFile.MayReplace("/dev/null"));
        Assert.False(PlainFile.MayReplace("/dev/stdout"));
        Assert.True(PlainFile.MayReplace(_folder["none"]));
    }

    [Fact]
    public void OpenRead_LinkOrFolder_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "symbolic links need a privilege on Windows");
        File.WriteAllText(_folder["file"], "x");
        File.CreateSymbolicLink(_folder["link"], _folder["file"]);
        Assert.Equal(DiskFailure.NotAPlainFile, Assert.Throws<DiskException>(() => PlainFile.OpenRead(_folder["link"])).Reason);
        Assert.Equal(DiskFailure.NotAPlainFile, Assert.Throws<DiskException>(() => PlainFile.OpenRead(_folder.FolderPath)).Reason);
        Assert.Throws<FileNotFoundException>(() => PlainFile.OpenRead(_folder["none"]));
        Assert.False(PlainFile.MayReplace(_folder["link"]));
        Assert.True(PlainFile.MayReplace(_folder["file"]));
    }
}
