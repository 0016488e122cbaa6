using System.Runtime.Versioning;

namespace WinLayers.IntegrationTests.Windows;

/// <summary>The default store, which on Windows is one for the whole machine.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SystemStoreTests(WineBed bed) : WineTest(bed)
{
    private static readonly UnixFileMode Everyone = (UnixFileMode)Convert.ToInt32("777", 8);

    private string Store => Path.Join(ProgramData, "WinLayers");

    // Wine keeps a folder's access as the modes of this system, as far as they can say it.
    [Fact]
    public async Task DefaultStore_IsMadeForAdministratorsAlone_AndTakenAgain()
    {
        Remove();

        WineResult made = await CommandAsync("pull", "sample:default", "--host", "10.0.20348", "--quiet");
        WineResult again = await CommandAsync("pull", "sample:default", "--host", "10.0.20348", "--quiet");

        Assert.True(made.ExitCode == 0, made["output"]);
        Assert.True(again.ExitCode == 0, again["output"]);
        Assert.True(File.Exists(Path.Join(Store, "oci-layout")));
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Store) & others);
        Remove();
    }

    [Fact]
    public async Task DefaultStore_WhereOthersMayWrite_IsRefused_AndSaysHowToMendIt()
    {
        Remove();
        Directory.CreateDirectory(Store);
        File.SetUnixFileMode(Store, Everyone);

        WineResult refused = await CommandAsync("pull", "sample:default", "--host", "10.0.20348", "--quiet");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("[WCL5041]", refused["output"], StringComparison.Ordinal);
        Assert.Contains("S-1-1-0", refused["output"], StringComparison.Ordinal);
        Assert.Contains("icacls", refused["output"], StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Store));
        Remove();
    }

    private void Remove()
    {
        if (Directory.Exists(Store))
            Directory.Delete(Store, recursive: true);
    }
}
