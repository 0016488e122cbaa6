using System.Globalization;
using WinLayers.IntegrationTests.Cli;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Faults;

/// <summary>A disk that is full, or may not be written: one line that says so, exit code 1, and nothing half-made.</summary>
public sealed class DiskTests : IAsyncLifetime
{
    private const string Image = "sample:large?entries=300&bytes=6000000";

    private readonly TemporaryFolder _folder = new();
    private string _mount = "";

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder["disk"]);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_mount.Length > 0)
            await ToolProcess.RunAsync(ExternalTool.Require("umount", "mount"), "--lazy", _mount);
        _folder.Dispose();
    }

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    [InlineData(400)]
    [InlineData(2_000)]
    [InlineData(5_000)]
    [InlineData(8_000)]
    [InlineData(12_000)]
    public async Task FullDisk_IsOneLine_AndTheNextRunWithRoomCompletes(int kilobytes)
    {
        await MountAsync(kilobytes);
        string store = Path.Combine(_mount, "store");

        string line = (await RunAsync(store, "unpack", Image)).ShouldFail();

        Assert.Contains("[WCL5021]", line, StringComparison.Ordinal);
        FaultedStore.AssertNothingHalfMade(store);
        await RemountAsync("size=100m");
        await FaultedStore.AssertCleanAsync(store);
        (await RunAsync(store, "unpack", Image)).ShouldSucceed();
        await FaultedStore.AssertCompletesAsync(store, Image);
    }

    [Fact]
    public async Task ReadOnlyDisk_GivesWhatItHas_ElseOneLine_AndNothingChanges()
    {
        await MountAsync(100_000);
        string store = Path.Combine(_mount, "store");
        (await RunAsync(store, "unpack", "sample:")).ShouldSucceed();
        await RemountAsync("ro");
        string[] before = [.. Directory.EnumerateFileSystemEntries(store, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

        Assert.Equal(3, (await RunAsync(store, "unpack", "sample:")).ShouldSucceed().OutputLines.Length);
        (await RunAsync(store, "verify")).ShouldSucceed();
        string line = (await RunAsync(store, "unpack", Image)).ShouldFail();

        Assert.Contains("[WCL5022]", line, StringComparison.Ordinal);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(store, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        await RemountAsync("rw");
        await FaultedStore.AssertCompletesAsync(store, Image);
    }

    [Theory]
    [InlineData("pull", "sample:", "--store", "{disk}/s")]
    [InlineData("copy", "sample:", "oci:{disk}/layout")]
    [InlineData("copy", "sample:", "docker-archive:{disk}/a.tar")]
    [InlineData("export", "{layer}", "{disk}/a.tar")]
    [InlineData("stage", "{tar}", "{disk}/staged", "--parent", "{layer}")]
    [InlineData("repair", "--store", "{disk}/damaged")]
    public async Task FullOrReadOnlyDisk_IsACodedLineOfEveryVerbThatWrites_AndLeavesNothingBesideItsTarget(params string[] arguments)
    {
        string store = _folder["whole"];
        string[] layers = (await RunAsync(store, "unpack", "sample:")).ShouldSucceed().OutputLines;
        (await RunAsync(store, "export", layers[^2], _folder["layer.tar"])).ShouldSucceed();
        await MountAsync(arguments[0] == "repair" ? 8_000 : arguments[0] == "stage" ? 24 : 300);
        string damaged = Path.Combine(_mount, "damaged");
        if (arguments[0] == "repair")
        {
            (await RunAsync(damaged, "unpack", "sample:")).ShouldSucceed();
            string file = Path.Combine(damaged, "layers", Path.GetFileName(layers[^1]), "Files", "License.txt");
            byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(file, [.. bytes[..^1], (byte)(bytes[^1] ^ 1)], TestContext.Current.CancellationToken);
            await FillAsync();
        }

        string[] filled = [.. arguments.Select(argument => argument.Replace("{disk}", _mount, StringComparison.Ordinal)
            .Replace("{layer}", layers[^1], StringComparison.Ordinal).Replace("{tar}", _folder["layer.tar"], StringComparison.Ordinal))];

        CommandResult full = await RunAsync(store, filled);
        string[] left = [.. Directory.EnumerateFileSystemEntries(_mount).Select(path => Path.GetFileName(path))];
        await RemountAsync("ro");
        CommandResult readOnly = await RunAsync(store, filled);

        Assert.Equal((1, 1), (full.ExitCode, readOnly.ExitCode));
        Assert.Contains("[WCL5021]", full.Error, StringComparison.Ordinal);
        Assert.Contains("[WCL5022]", readOnly.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(left, name => name is not ("s" or "layout" or "damaged" or "filling"));
    }

    // Not to the last byte: what little is written to say what is wrong has room.
    private async Task FillAsync()
    {
        long free = new DriveInfo(_mount).AvailableFreeSpace;
        await File.WriteAllBytesAsync(Path.Combine(_mount, "filling"), new byte[Math.Max(0, free - 300_000)],
            TestContext.Current.CancellationToken);
    }

    // Quietly: what a made-up image takes is no part of an error.
    private static Task<CommandResult> RunAsync(string store, params string[] arguments) => WinLayersCommand.RunAsync(
        [.. arguments, "--quiet"], workingFolder: null, new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = store });

    private async Task MountAsync(int kilobytes)
    {
        string mount = ExternalTool.Require("mount");
        if (!Environment.IsPrivilegedProcess)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail("A small disk is mounted for this test, which needs root.");
            Assert.Skip("A small disk is mounted for this test, which needs root.");
        }

        await ToolProcess.RunAsync(mount, "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={kilobytes}k"),
            "winlayers-test", _folder["disk"]);
        _mount = _folder["disk"];
    }

    private Task<string> RemountAsync(string options) =>
        ToolProcess.RunAsync(ExternalTool.Require("mount"), "-o", $"remount,{options}", _mount);
}
