using System.Text.Json;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.IntegrationTests.Cli;
using WinLayers.Transport;
using WinLayers.Volumes;

namespace WinLayers.IntegrationTests.Windows;

/// <summary>
/// Every native call of every sequence fails once, whatever calls these are: the failure is told as that call's, with its code; no file
/// stays open; nothing is left, or
/// what is left goes when its user removes it.
/// </summary>
public sealed class FaultTests(WineBed bed) : WineTest(bed)
{
    private static readonly string[] Files = ["NtCreateFile", "SetFileInformationByHandle", "GetFileInformationByHandleEx"];

    [Theory]
    [InlineData("p-base", "ProcessUtilityImage")]
    [InlineData("base-hardlinks", "NtSetInformationFile", "GetFileInformationByHandleEx")]
    public async Task Unpack_OfABaseLayer(string layer, params string[] expected)
    {
        string[] failed = await FailEachAsync("unpack", await ImageAsync(layer));

        AssertAmong(failed, ["CreateFile", "NtCreateFile", "SetFileInformationByHandle", "BackupWrite", "ProcessBaseImage", .. expected]);
    }

    // What is read-only goes too, also a file that has a name in the layer below and stays read-only there.
    [Fact]
    public async Task Unpack_OfReadOnlyFilesAndFolders()
    {
        const FileAttributes readOnly = FileAttributes.ReadOnly;
        byte[] below = Tar(
            Entry("Files", FileAttributes.Directory), Entry("Files/ro", readOnly), Entry("Files/d", readOnly | FileAttributes.Directory),
            Entry("Files/d/deep", readOnly | FileAttributes.Hidden));
        byte[] above = Tar(
            Entry("Files", FileAttributes.Directory), Entry("Files/new", readOnly),
            new LayerEntry
            {
                Kind = LayerEntryKind.HardLink,
                Path = LayerPath.Parse("Files/link"),
                TarName = "Files/link",
                LinkTarget = LayerPath.Parse("Files/ro"),
                Metadata = new(),
            });

        string[] failed = await FailEachAsync("unpack", ImageOf(below));
        string[] failedAbove = await FailEachAsync("unpack", ImageOf(below, above), ImageOf(below));

        AssertAmong(failed, ["NtCreateFile", "SetFileInformationByHandle", "BackupWrite", "ProcessBaseImage"]);
        AssertAmong(failedAbove, ["NtCreateFile", "GetFileInformationByHandleEx", "ImportLayer", "NtSetInformationFile"]);
        string shared = Assert.Single(Directory.GetFiles(At("runs"), "ro", SearchOption.AllDirectories));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(shared) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite));
    }

    [Theory]
    [InlineData("diff-links", "ImportLayer", "NtSetInformationFile")]
    [InlineData("diff-utilityvm", "ImportLayer", "BackupRead", "BackupWrite", "NtSetInformationFile", "ProcessUtilityImage")]
    public async Task Unpack_OfALayerWithParents(string layer, params string[] expected)
    {
        string[] failed = await FailEachAsync("unpack", await ImageAsync("p-base", layer), await ImageAsync("p-base"));

        AssertAmong(failed, [.. Files, .. expected]);
    }

    [Theory]
    [InlineData("diff-links", "ImportLayer", "NameToGuid", "NtSetInformationFile")]
    [InlineData("diff-utilityvm", "ImportLayer", "BackupRead", "BackupWrite", "ProcessUtilityImage")]
    public async Task Import(string layer, params string[] expected)
    {
        (await UnpackAsync("p-base")).AssertDone();
        using (FileStream tar = File.OpenRead(Path.Join(Golden(layer), "layer.tar")))
        {
            using FolderTree tree = new(At("p-base"));
            LayerStager.Stage(tar, At("staged"), [tree]);
        }

        string[] failed = await FailEachAsync("import", At("staged"), At("p-base"));

        AssertAmong(failed, [.. Files, .. expected]);
    }

    [Fact]
    public async Task Export()
    {
        (await UnpackAsync("base-hardlinks")).AssertDone();
        (await UnpackAsync("p-base")).AssertDone();
        (await UnpackAsync("diff-simple", "p-base")).AssertDone();

        string[] failed = await FailEachAsync("export", At("base-hardlinks"));
        string[] failedDiff = await FailEachAsync("export", At("diff-simple"));

        AssertAmong(failed, ["CreateFile", "NtCreateFile", "GetFileInformationByHandleEx", "BackupRead"]);
        AssertAmong(failedDiff, ["NameToGuid", "ExportLayer"]);
    }

    [Theory]
    [InlineData("sandbox-create", "CreateSandboxLayer", "ExpandSandboxSize", "ActivateLayer", "PrepareLayer", "GetLayerMountPath",
        "NameToGuid")]
    [InlineData("sandbox-mount", "ActivateLayer", "PrepareLayer", "GetLayerMountPath")]
    [InlineData("sandbox-unmount", "UnprepareLayer", "DeactivateLayer")]
    [InlineData("sandbox-remove", "UnprepareLayer", "DeactivateLayer", "DestroyLayer")]
    [InlineData("sandbox-export", "ActivateLayer", "PrepareLayer", "UnprepareLayer", "ExportLayer", "DeactivateLayer")]
    [InlineData("filter-export", "AttachVirtualDisk", "HcsAttachLayerStorageFilter", "HcsDetachLayerStorageFilter", "HcsExportLayer",
        "DetachVirtualDisk")]
    [InlineData("filter-create", "CreateVirtualDisk", "HcsFormatWritableLayerVhd", "OpenVirtualDisk", "AttachVirtualDisk",
        "HcsGetLayerVhdMountPath", "HcsInitializeWritableLayer", "HcsAttachLayerStorageFilter")]
    [InlineData("filter-mount", "OpenVirtualDisk", "AttachVirtualDisk", "HcsGetLayerVhdMountPath", "HcsAttachLayerStorageFilter")]
    [InlineData("filter-unmount", "OpenVirtualDisk", "HcsGetLayerVhdMountPath", "HcsDetachLayerStorageFilter", "DetachVirtualDisk")]
    [InlineData("filter-remove", "OpenVirtualDisk", "HcsGetLayerVhdMountPath", "HcsDetachLayerStorageFilter", "DetachVirtualDisk")]
    public async Task Scratch(string sequence, params string[] expected)
    {
        (await UnpackAsync("p-base")).AssertDone();

        string[] failed = await FailEachAsync(sequence, At("p-base"));

        AssertAmong(failed, expected);
    }

    [Theory]
    [InlineData("uvm")]
    [InlineData("grant")]
    public async Task UtilityVm(string sequence)
    {
        (await UnpackAsync("base-utilityvm")).AssertDone();

        string[] failed = await FailEachAsync(sequence, At("base-utilityvm"));

        Assert.Equal(Enumerable.Repeat("GrantVmAccess", sequence == "uvm" ? 3 : 1), failed);
    }

    [Fact]
    public async Task UtilityVm_TemplateMissing_OrADiskInItsPlace_LeavesAllAsItWas_AndGrantsNothing()
    {
        (await UnpackAsync("base-utilityvm")).AssertDone();
        const string machine = "d4f1c2a0-0000-4000-8000-000000000001";
        Directory.CreateDirectory(At("taken"));
        await File.WriteAllTextAsync(Path.Join(At("taken"), "sandbox.vhdx"), "mine", TestContext.Current.CancellationToken);

        WineResult taken = await RunAsync("uvm-scratch", machine, At("taken"), At("base-utilityvm"));
        File.Delete(Path.Join(At("base-utilityvm"), "UtilityVM", "SystemTemplate.vhdx"));
        WineResult missing = await RunAsync("uvm-scratch", machine, At("vm"), At("base-utilityvm"));

        Assert.Equal([1, 1], [taken.ExitCode, missing.ExitCode]);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Join(At("taken"), "sandbox.vhdx"), TestContext.Current.CancellationToken));
        Assert.Equal("WCL6005", missing["code"]);
        Assert.False(Directory.Exists(At("vm")));
        Assert.DoesNotContain("GrantVmAccess", taken.HostCalls.Concat(missing.HostCalls));
    }

    private static void AssertAmong(string[] failed, string[] expected) => Assert.Empty(expected.Except(failed, StringComparer.Ordinal));

    private async Task<string> ImageAsync(params string[] layers)
    {
        TarImage image = new();
        foreach (string layer in layers)
            image.Layer(await File.ReadAllBytesAsync(Path.Join(Golden(layer), "layer.tar"), TestContext.Current.CancellationToken));
        image.WriteTo(At($"image{layers.Length}"));
        return "oci:" + WineBed.ToWindows(At($"image{layers.Length}"));
    }

    private static LayerEntry Entry(string name, FileAttributes attributes) => new()
    {
        Kind = attributes.HasFlag(FileAttributes.Directory) ? LayerEntryKind.Directory : LayerEntryKind.File,
        Path = LayerPath.Parse(name),
        TarName = name,
        Metadata = new() { Attributes = attributes },
    };

    private static byte[] Tar(params LayerEntry[] entries)
    {
        using MemoryStream tar = new();
        using (LayerTarWriter writer = new(tar))
        {
            foreach (LayerEntry entry in entries)
                writer.Write(entry);
            writer.Complete();
        }

        return tar.ToArray();
    }

    private string ImageOf(params byte[][] layers)
    {
        TarImage image = new();
        foreach (byte[] layer in layers)
            image.Layer(layer);
        image.WriteTo(At($"made{layers.Length}"));
        return "oci:" + WineBed.ToWindows(At($"made{layers.Length}"));
    }

    private async Task<string[]> FailEachAsync(string sequence, params string[] arguments)
    {
        Directory.CreateDirectory(At("runs"));
        WineResult result = await RunAsync("faults", [sequence, At("runs"), .. arguments]);
        Assert.True(result.Facts.TryGetProperty("problems", out JsonElement problems), result.Facts.ToString());
        Assert.True(problems.GetArrayLength() == 0, string.Join('\n', problems.EnumerateArray().Select(problem => problem.GetString())));
        return [.. result.Facts.GetProperty("failed").EnumerateArray().Select(function => function.GetString()!)];
    }
}
