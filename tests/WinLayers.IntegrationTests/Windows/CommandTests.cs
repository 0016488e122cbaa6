using System.Text.Json;
using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Windows;

/// <summary>The real command, as it is published for win-x64, used as on a Windows host.</summary>
public sealed class CommandTests(WineBed bed) : WineTest(bed)
{
    // Wine says it is an older build than the sample needs.
    private const string Host = "10.0.20348";

    private const string Vm = "d4f1c2a0-0000-4000-8000-000000000001";

    [Fact]
    public async Task Unpack_TheSample_IsFinishedByWindows_LayerByLayer()
    {
        string[] chain = await UnpackSampleAsync();

        Assert.Equal(3, chain.Length);
        foreach (string layer in chain)
            Assert.True(Directory.Exists(Path.Join(layer, "Files")), layer);
        string[] parents =
            JsonSerializer.Deserialize<string[]>(
            await File.ReadAllTextAsync(Path.Join(chain[0], "layerchain.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal(chain.Skip(1).Select(Path.GetFileName), parents.Select(parent => parent.Split('\\')[^1]));
        WineResult again = await CommandAsync("unpack", "sample:default", "--host", Host, "--store", At("images"), "--quiet");
        Assert.Equal(0, again.ExitCode);
        Assert.Empty(again.HostCalls);
    }

    [Fact]
    public async Task Unpack_WhereAnImportFails_SaysTheCallAndItsCause_AndLeavesNothing()
    {
        WineResult failed =
            await FailingCommandAsync("ImportLayer=0x80070005", "unpack", "sample:default", "--host", Host, "--store", At("images"),
            "--quiet");

        Assert.Equal(1, failed.ExitCode);
        string line = Assert.Single(failed["output"]!.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("ImportLayer", line, StringComparison.Ordinal);
        Assert.Contains("0x80070005", line, StringComparison.Ordinal);
        Assert.Contains("[WCL6001]", line, StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(Path.Join(At("images"), "layers")));
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(Path.Join(At("images"), "tmp"), "*", SearchOption.AllDirectories),
            path => Path.GetFileName(path) is "Files" or "Hives");
    }

    [Fact]
    public async Task StagedOnOneSystem_ImportedOnTheOther_IsOneJob()
    {
        // Here, off Windows: the sample's blobs, its layers unpacked by the portable host, and its second layer staged.
        await LocalAsync("copy", "sample:default", $"oci:{At("layout")}:sample", "--quiet");
        CommandResult unpacked = await LocalAsync("unpack", $"oci:{At("layout")}:sample", "--store", At("portable"), "--quiet");
        string[] portable = unpacked.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using JsonDocument inspected = JsonDocument.Parse((await LocalAsync("inspect", $"oci:{At("layout")}:sample", "--json")).Output);
        string digest = inspected.RootElement.GetProperty("layers")[1].GetProperty("digest").GetString()!;
        string blob = Path.Join(At("layout"), "blobs", "sha256", digest.Split(':')[1]);
        await LocalAsync("stage", blob, At("staged"), "--parent", portable[^1]);

        // There: the base layer is Windows' own, the folder's name the same.
        string[] windows = await UnpackSampleAsync();
        WineResult imported = await CommandAsync("import", At("staged"), At("imported"), "--parent", windows[^1]);

        Assert.True(imported.ExitCode == 0, imported["output"]);
        Assert.Contains("ImportLayer", imported.HostCalls);
        Assert.True(File.Exists(Path.Join(At("imported"), "Files", "app", "app.exe")));
        Assert.True(File.Exists(Path.Join(At("imported"), "Files", "app", "shell.exe")), "the link to the base layer's file");

        // Nothing else knows it, so it goes by hand.
        WineResult destroyed = await CommandAsync("destroy", At("imported"));
        Assert.True(destroyed.ExitCode == 0, destroyed["output"]);
        Assert.Contains("DestroyLayer", destroyed.HostCalls);
        Assert.False(Directory.Exists(At("imported")));
    }

    [Theory]
    [InlineData("staged.plan.json", "[WCL2348]")]
    [InlineData("staged.uvm.tar", "[WCL2349]")]
    public async Task Import_OfWhichSomethingWasLeftBehind_IsRefused_AndNothingIsImported(string missing, string code)
    {
        (await UnpackAsync("p-base")).AssertDone();
        await LocalAsync("stage", Path.Join(Golden("diff-utilityvm"), "layer.tar"), At("staged"), "--parent", At("p-base"));
        File.Delete(At(missing));

        WineResult refused = await CommandAsync("import", At("staged"), At("layer"), "--parent", At("p-base"));

        Assert.Equal(1, refused.ExitCode);
        string line = Assert.Single(refused["output"]!.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(missing, line, StringComparison.Ordinal);
        Assert.Contains(code, line, StringComparison.Ordinal);
        Assert.DoesNotContain("ImportLayer", refused.HostCalls);
        Assert.False(Directory.Exists(At("layer")));
    }

    [Fact]
    public async Task AScratchLayer_IsCreatedMountedUnmountedAndRemoved()
    {
        string[] chain = await UnpackSampleAsync();

        WineResult created = await CommandAsync("scratch", "create", At("scratch"), "--parent", chain[0], "--json", "--quiet");
        Assert.True(created.ExitCode == 0, created["output"]);
        using (JsonDocument document = JsonDocument.Parse(created["output"]!))
            Assert.StartsWith(@"\\?\Volume{", document.RootElement.GetProperty("mountPath").GetString(), StringComparison.Ordinal);
        Assert.Equal(["CreateSandboxLayer", "ActivateLayer", "PrepareLayer", "GetLayerMountPath", "GetLayerMountPath"], created.HostCalls);

        WineResult unmounted = await CommandAsync("scratch", "unmount", At("scratch"));
        Assert.True(unmounted.ExitCode == 0, unmounted["output"]);
        Assert.Equal(["UnprepareLayer", "DeactivateLayer"], unmounted.HostCalls.Where(call => call != "GetLayerMountPath"));
        WineResult mounted = await CommandAsync("scratch", "mount", At("scratch"));
        Assert.True(mounted.ExitCode == 0, mounted["output"]);
        WineResult removed = await CommandAsync("scratch", "remove", At("scratch"));
        Assert.True(removed.ExitCode == 0, removed["output"]);
        Assert.Contains("DestroyLayer", removed.HostCalls);
        Assert.False(Directory.Exists(At("scratch")));
    }

    [Fact]
    public async Task AScratchLayerOfTheStorageFilter_KnowsThatItIsOne_ThroughItsWholeLife()
    {
        string[] chain = await UnpackSampleAsync();

        WineResult created = await ScratchAsync("create", "--storage-filter", "--parent", chain[0]);
        Assert.StartsWith(@"\\?\Volume{", created["output"], StringComparison.Ordinal);
        Assert.Contains("CreateVirtualDisk", created.HostCalls);
        string[] up = ["AttachVirtualDisk", "HcsAttachLayerStorageFilter"], down = ["HcsDetachLayerStorageFilter", "DetachVirtualDisk"];
        Assert.Equal(up, Moves(created));

        Assert.Single(created.HostCalls, "HcsInitializeWritableLayer");
        Assert.EndsWith("}\\", created["output"]!.TrimEnd(), StringComparison.Ordinal);

        Assert.Equal(down, Moves(await ScratchAsync("unmount")));
        WineResult mounted = await ScratchAsync("mount");
        Assert.Equal(up, Moves(mounted));
        Assert.DoesNotContain("HcsInitializeWritableLayer", mounted.HostCalls);
        Assert.Equal(created["output"], mounted["output"]);
        Assert.Equal(down, Moves(await ScratchAsync("unmount")));
        Assert.Empty(Moves(await ScratchAsync("remove")));
        Assert.False(Directory.Exists(At("scratch")));
    }

    [Fact]
    public async Task AFolderThatIsNoScratchLayer_IsNeitherTakenForOne_NorMadeOne()
    {
        string[] chain = await UnpackSampleAsync();
        Directory.CreateDirectory(At("mine"));
        await File.WriteAllTextAsync(At("mine/precious"), "x", TestContext.Current.CancellationToken);

        WineResult removed = await CommandAsync("scratch", "remove", At("mine"));
        WineResult created = await CommandAsync("scratch", "create", At("mine"), "--parent", chain[0]);
        WineResult imported = await CommandAsync("import", await StagedAsync(chain[^1]), At("mine"), "--parent", chain[^1]);

        Assert.Equal([1, 1, 1], [removed.ExitCode, created.ExitCode, imported.ExitCode]);
        Assert.Contains("[WCL6010]", removed["output"], StringComparison.Ordinal);
        Assert.Contains("[WCL6006]", created["output"], StringComparison.Ordinal);
        Assert.Contains("[WCL6006]", imported["output"], StringComparison.Ordinal);
        Assert.Empty(removed.HostCalls.Concat(created.HostCalls).Concat(imported.HostCalls));
        Assert.Equal([At("mine/precious")], Directory.GetFileSystemEntries(At("mine")));
    }

    [Fact]
    public async Task AStatusThatWin32HasNoErrorFor_IsToldAsItIs()
    {
        WineResult failed =
            await FailingCommandAsync("NtCreateFile#3=0xC0009999", "unpack", "sample:default", "--host", Host, "--store", At("images"),
            "--quiet");

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("NTSTATUS 0xC0009999", failed["output"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AScratchLayer_IsExpanded_AndScriptsAreToldWhatBecameOfIt()
    {
        string[] chain = await UnpackSampleAsync();
        await ScratchAsync("create", "--hyperv", "--parent", chain[0]);

        WineResult expanded = await ScratchAsync("expand", "--size", "60GB", "--json");
        WineResult removed = await ScratchAsync("remove", "--json");

        Assert.Contains("ExpandSandboxSize.bytes 64424509440", expanded.Calls);
        using JsonDocument expansion = JsonDocument.Parse(expanded["output"]!), removal = JsonDocument.Parse(removed["output"]!);
        Assert.Equal("expanded", expansion.RootElement.GetProperty("state").GetString());
        Assert.Equal(chain.Length, expansion.RootElement.GetProperty("parents").GetArrayLength());
        Assert.Equal("removed", removal.RootElement.GetProperty("state").GetString());
        Assert.False(Directory.Exists(At("scratch")));
    }

    [Fact]
    public async Task AScratchLayerOfTheStorageFilter_OfAnOddSize_HasWholeSectors_AndDoesNotGrow()
    {
        string[] chain = await UnpackSampleAsync();

        // The stand-in objects to a size that is not of whole sectors, as Windows does.
        await ScratchAsync("create", "--storage-filter", "--size", "10000000001", "--parent", chain[0]);
        await ScratchAsync("unmount");
        WineResult refused = await CommandAsync("scratch", "expand", At("scratch"), "--size", "60GB");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("[WCL6002]", refused["output"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMountedScratchLayerOfTheStorageFilter_IsUnmountedWhenItIsRemoved()
    {
        string[] chain = await UnpackSampleAsync();
        await ScratchAsync("create", "--storage-filter", "--parent", chain[0]);

        WineResult removed = await ScratchAsync("remove");

        Assert.Equal(["HcsDetachLayerStorageFilter", "DetachVirtualDisk"], Moves(removed));
        Assert.False(Directory.Exists(At("scratch")));
    }

    [Fact]
    public async Task ForHyperV_TheDiskIsCreatedOnly_AndAVirtualMachineIsGivenWhatItBootsFrom()
    {
        string[] chain = await UnpackSampleAsync();

        WineResult created = await CommandAsync("scratch", "create", At("vm-scratch"), "--hyperv", "--parent", chain[0]);
        Assert.Equal(["CreateSandboxLayer"], created.HostCalls);
        WineResult located = await CommandAsync("uvm", "locate", "--parent", chain[0], "--json", "--quiet");
        Assert.True(located.ExitCode == 0, located["output"]);
        Assert.Contains("bootmgfw.efi", located["output"], StringComparison.OrdinalIgnoreCase);
        WineResult disk = await CommandAsync("uvm", "scratch", At("vm"), Vm, "--parent", chain[0]);
        Assert.True(disk.ExitCode == 0, disk["output"]);
        Assert.Equal(["GrantVmAccess"], disk.HostCalls);
        WineResult all = await CommandAsync("uvm", "scratch", At("vm2"), "any id", "--grant-layers", "--parent", chain[0]);
        Assert.Equal(chain.Length + 2, all.HostCalls.Count(call => call == "GrantVmAccess"));
        WineResult granted = await CommandAsync("grant-access", Vm, chain[0]);
        Assert.Equal(["GrantVmAccess"], granted.HostCalls);
    }

    [Fact]
    public async Task Doctor_AsksForEachThingThatLayersNeed_AndSaysWhichIsMissing()
    {
        WineResult well = await CommandAsync("doctor", "--json", "--store", At("images"));
        WineResult without = await CommandWithoutAsync("vmcompute", "doctor", "--json", "--store", At("images"));

        Assert.True(well.ExitCode == 0, well["output"]);
        Assert.Equal(["host ok", "service ok", "privileges ok", "volume ok"], Checks(well).Take(4));
        Assert.Equal(1, without.ExitCode);
        Assert.Equal(["host error", "service ok", "privileges ok", "volume ok"], Checks(without).Take(4));
        Assert.Contains("Containers feature", without["output"], StringComparison.Ordinal);
        Assert.Empty(well.Calls.Concat(without.Calls));

        static string[] Checks(WineResult doctor)
        {
            using JsonDocument document = JsonDocument.Parse(doctor["output"]!);
            return [.. document.RootElement.GetProperty("checks").EnumerateArray()
                .Select(check => $"{check.GetProperty("name")} {check.GetProperty("result")}")];
        }
    }

    [Fact]
    public async Task Unpack_OnAWindowsWithoutContainers_WritesNothingOfTheBaseLayer()
    {
        WineResult failed = await CommandWithoutAsync(
            "vmcompute,computestorage,virtdisk", "unpack", "sample:default", "--host", Host, "--store", At("images"), "--quiet");

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("[WCL6002]", failed["output"], StringComparison.Ordinal);
        Assert.Empty(failed.Calls);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Join(At("images"), "layers")));
    }

    [Fact]
    public async Task Verbose_ShowsTheCallsOfTheHost()
    {
        string[] chain = await UnpackSampleAsync();

        WineResult granted = await FailingCommandAsync("GrantVmAccess=0x80070005", "grant-access", Vm, chain[0], "--verbose");

        Assert.Equal(1, granted.ExitCode);
        string layer = WineBed.ToWindows(chain[0]);
        Assert.Contains($"GrantVmAccess on '{layer}'", granted["output"], StringComparison.Ordinal);
        Assert.Contains($"GrantVmAccess on '{layer}' failed with 0x80070005", granted["output"], StringComparison.Ordinal);
        Assert.Contains($"(virtual machine '{Vm}')", granted["output"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_GivesATarThatUnpacksAgain_AndDestroyLeavesTheStoresLayers()
    {
        string[] chain = await UnpackSampleAsync();

        WineResult exported = await CommandAsync("export", chain[0], At("layer.tar"), "--parent", chain[1]);
        Assert.True(exported.ExitCode == 0, exported["output"]);
        Assert.Contains("ExportLayer", exported.HostCalls);
        WineResult linted = await CommandAsync("lint", At("layer.tar"), "--parent", chain[1]);
        Assert.True(linted.ExitCode == 0, linted["output"]);
        WineResult refused = await CommandAsync("destroy", chain[0]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Empty(refused.HostCalls);
        Assert.True(Directory.Exists(chain[0]), "the store's own");
    }

    // What changes the state of a disk or its filter; none of it is a call of vmcompute.
    private static string[] Moves(WineResult result)
    {
        Assert.DoesNotContain(result.HostCalls,
            call => call.EndsWith("Layer", StringComparison.Ordinal) && !call.StartsWith("Hcs", StringComparison.Ordinal));
        return [.. result.HostCalls.Where(call => call.Contains("tach", StringComparison.Ordinal))];
    }

    private async Task<WineResult> ScratchAsync(string verb, params string[] options)
    {
        WineResult result = await CommandAsync(["scratch", verb, At("scratch"), .. options]);
        Assert.True(result.ExitCode == 0, result["output"]);
        return result;
    }

    private static async Task<CommandResult> LocalAsync(params string[] arguments)
    {
        CommandResult result = await WinLayersCommand.RunAsync(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    // A layer with one directory, staged over a parent.
    private async Task<string> StagedAsync(string parent)
    {
        await LocalAsync("stage", Path.Join(Golden("diff-simple"), "layer.tar"), At("small"), "--parent", parent);
        return At("small");
    }

    // The folders of the unpacked sample, child to parent, as this system has them.
    private async Task<string[]> UnpackSampleAsync()
    {
        WineResult unpacked = await CommandAsync("unpack", "sample:default", "--host", Host, "--store", At("images"), "--quiet");
        Assert.True(unpacked.ExitCode == 0, unpacked["output"]);
        Assert.Equal(
            ["ProcessBaseImage", "ProcessUtilityImage", "ImportLayer", "ImportLayer", "ProcessUtilityImage"],
            unpacked.HostCalls);
        // The disks that Windows leaves in a layer name their place: each is where it stays.
        Assert.All(
            unpacked.Calls.Where(
                call => call.StartsWith("Process", StringComparison.Ordinal) || call.StartsWith("ImportLayer ", StringComparison.Ordinal)),
            call => Assert.Contains(@"\images\layers\", call, StringComparison.Ordinal));
        return [.. unpacked["output"]!.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[2..].Replace('\\', '/'))];
    }
}
