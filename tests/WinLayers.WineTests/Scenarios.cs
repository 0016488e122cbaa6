using WinLayers.Formats.Tar;
using WinLayers.Oci.Digests;
using WinLayers.Volumes;
using WinLayers.Windows;
using WinLayers.Windows.Interop;
using WinLayers.Windows.Scratch;
using WinLayers.Windows.Volumes;
using WinLayers.Writing;

namespace WinLayers.WineTests;

internal sealed class ScenarioMissingException(string name) : Exception($"There is no scenario '{name}'.");

/// <summary>What a test can ask this program to do under Wine.</summary>
internal static class Scenarios
{
    private static NtfsVolume? LeftOpen { get; set; }

    public static async Task<Dictionary<string, object?>> RunAsync(string name, string[] args)
    {
        switch (name)
        {
            case "unpack":
                return Unpack(args[0], args[1], args[2..]);
            case "import":
                new HcsLayerHost().ImportStaged(args[0], args[1], [.. args[2..]]);
                return [];
            case "export-transport":
                new HcsLayerHost().ExportTransport(args[0], args[1]);
                return [];
            case "export":
                using (FileStream tar = File.Create(args[1]))
                    new HcsLayerHost().Export(args[0], tar, Path.GetDirectoryName(args[1])!);
                return [];
            case "destroy":
                new HcsLayerHost().Destroy(args[0]);
                return [];
            case "layer-id":
                return new() { ["id"] = new HcsLayerHost().GetLayerId(args[0]) };
            case "scratch-create":
                return await CreateScratchAsync(args);
            case "scratch-mount":
                return new() { ["mountPath"] = await new HcsLayerHost().OpenScratch(args[0], method: Method(args)).MountAsync(default) };
            case "scratch-unmount":
                await new HcsLayerHost().OpenScratch(args[0], method: Method(args)).UnmountAsync(default);
                return [];
            case "scratch-remove":
                await new HcsLayerHost().OpenScratch(args[0], method: Method(args)).RemoveAsync(default);
                return [];
            case "scratch-expand":
                new HcsLayerHost().OpenScratch(args[0]).Expand(long.Parse(args[1]));
                return [];
            case "scratch-look":
                return new() { ["mountPath"] = new HcsLayerHost().OpenScratch(args[0]).MountPath };
            case "scratch-many":
                return await MountManyAsync(args[0], int.Parse(args[1]), [.. args[2..]]);
            case "scratch-dispose":
                await using (await new HcsLayerHost().CreateScratchAsync(args[0], [.. args[1..]]))
                    return new() { ["existed"] = File.Exists(Path.Join(args[0], "sandbox.vhdx")) };
            case "uvm-scratch":
                return new()
                {
                    ["disk"] =
                    new HcsLayerHost()
                    .CreateUtilityVmScratch([.. args[2..].Where(arg => arg != "--layers")], args[0], args[1], args.Contains("--layers"))
                };
            case "grant":
                new HcsLayerHost().GrantVmAccess(args[0], args[1..]);
                return [];
            case "compute-storage":
                return CallComputeStorage(args[0], args[1]);
            case "vmcompute":
                return CallVmCompute(args[0], args[1]);
            case "faults":
                return await new FaultSweep(FaultSequence.Named(args[0], args[2..]), args[1]).RunAsync();
            case "leave-open":
                LeftOpen = NtfsVolume.Open(args[0]);
                return [];
            case "missing-function":
                new StorageCalls().SetupBaseOSVolume(args[0], @"\\?\Volume{1}\", new BaseOSOptions { Type = BaseOSType.Container });
                return [];
            case "privileges":
                return new() { ["missing"] = HostPrivileges.EnableHeld() };
            case "volume":
                return VolumeScenarios.TryAll(args[0]);
            case "reparse":
                return VolumeScenarios.WriteThroughReparsePoint(args[0]);
            default:
                throw new ScenarioMissingException(name);
        }
    }

    // As the unpacker does it: the layer's tar, through the writer and the host.
    private static Dictionary<string, object?> Unpack(string tarFile, string layerFolder, string[] parentFolders)
    {
        HcsLayerHost host = new();
        List<ILayerTree> parents = [.. parentFolders.Select(host.OpenTree)];
        string staging = layerFolder + ".staging";
        bool hasUtilityVm;
        try
        {
            Directory.CreateDirectory(layerFolder);
            using FileStream tar = File.OpenRead(tarFile);
            using LayerTarReader reader = new(tar);
            Digest none = Digest.Parse("sha256:" + new string('0', 64));
            using ILayerVolume volume = host.CreateVolume(layerFolder, new LayerIdentity(none, none, null, none));
            if (parents.Count == 0)
            {
                BaseLayerWriter writer = new(volume);
                AddAll(reader, writer);
                host.ProcessBaseLayer(layerFolder);
                hasUtilityVm = writer.HasUtilityVm;
            }
            else
            {
                using ILayerVolume staged = host.CreateStaging(volume, staging);
                DiffLayerWriter writer = new(staged, volume, parents);
                AddAll(reader, writer);
                host.Import(volume, staged, [.. parentFolders]);
                hasUtilityVm = writer.HasUtilityVm;
            }

            if (hasUtilityVm)
                host.ProcessUtilityVm(Path.Join(layerFolder, "UtilityVM"));
        }
        finally
        {
            parents.ForEach(parent => parent.Dispose());
        }

        return new() { ["hasUtilityVm"] = hasUtilityVm };
    }

    private static void AddAll(LayerTarReader reader, LayerWriter writer)
    {
        while (reader.Read() is { } entry)
            writer.Add(entry);
        writer.Complete();
    }

    private static async Task<Dictionary<string, object?>> CreateScratchAsync(string[] args)
    {
        string[] folders = [.. args.Where(argument => !argument.StartsWith("--", StringComparison.Ordinal))];
        string? size = args.FirstOrDefault(argument => argument.StartsWith("--size=", StringComparison.Ordinal));
        ScratchLayer scratch = await new HcsLayerHost().CreateScratchAsync(folders[0], [.. folders[1..]], new ScratchOptions
        {
            Isolation = args.Contains("--hyperv") ? ScratchIsolation.HyperV : ScratchIsolation.Process,
            Method = Method(args) ?? ScratchMethod.Sandbox,
            SizeBytes = size is null ? null : long.Parse(size["--size=".Length..]),
        });
        scratch.Keep();
        return new() { ["mountPath"] = scratch.MountPath };
    }

    private static async Task<Dictionary<string, object?>> MountManyAsync(string folder, int count, LayerChain parents)
    {
        HcsLayerHost host = new();
        List<Task<ScratchLayer>> making =
            [.. Enumerable.Range(0, count).Select(i => Task.Run(() => host.CreateScratchAsync(Path.Join(folder, $"{i}"), parents)))];
        foreach (ScratchLayer scratch in await Task.WhenAll(making))
            await scratch.DisposeAsync();
        return [];
    }

    private static ScratchMethod? Method(string[] args) =>
        args.Contains("--filter") ? ScratchMethod.StorageFilter : null;

    // What is public of computestorage.dll and virtdisk.dll, as a runtime would use it; and the two calls that are not.
    private static Dictionary<string, object?> CallComputeStorage(string layer, string parent)
    {
        LayerChain parents = [parent];
        StorageCalls calls = new();
        DiskCalls disks = new();
        string disk = Path.Join(layer, "sandbox.vhdx"), transport = layer + ".transport";
        Directory.CreateDirectory(transport);
        using var handle = disks.Create(disk, 1UL << 30);
        calls.FormatWritableLayerVhd(handle);
        calls.SetupBaseOSLayer(layer, disk: null, new BaseOSOptions { Type = BaseOSType.Container });
        disks.Attach(handle, disk, permanent: true);
        calls.SetupBaseOSLayer(layer, handle, new BaseOSOptions { Type = BaseOSType.Vm });
        string volume = calls.GetLayerVhdMountPath(handle);
        calls.InitializeWritableLayer(volume, parents);
        calls.AttachLayerStorageFilter(volume, parents);
        calls.DetachLayerStorageFilter(volume);
        calls.ExportLayer(volume, transport, parents, isWritable: true);
        ComputeStorage.AttachOverlayFilter(volume, LayerData.Of(parents));
        ComputeStorage.DetachOverlayFilter(volume, LayerData.Of(parents));
        disks.Detach(handle, disk);
        calls.ImportLayer(layer, transport, parents);
        calls.DestroyLayer(layer);
        return new() { ["mounted"] = volume };
    }

    // What is public of vmcompute.dll, one after the other.
    private static Dictionary<string, object?> CallVmCompute(string folder, string parent)
    {
        LayerChain parents = [parent];
        List<string> told = [];
        LayerCalls calls = new(new ListLogger<LayerCalls>(told));
        string scratch = Path.Join(folder, "scratch"), transport = Path.Join(folder, "transport"), imported = Path.Join(folder, "imported");
        foreach (string made in (string[])[scratch, transport, imported])
            Directory.CreateDirectory(made);
        calls.CreateSandboxLayer(scratch, parents);
        calls.ExpandSandboxSize(scratch, 40UL << 30);
        calls.ActivateLayer(scratch);
        calls.PrepareLayer(scratch, parents);
        string? volume = calls.GetLayerMountPath(scratch);
        calls.UnprepareLayer(scratch);
        calls.ExportLayer(scratch, transport, parents);
        calls.DeactivateLayer(scratch);
        File.Delete(Path.Join(transport, "tombstones.txt"));
        calls.ImportLayer(imported, transport, parents);
        calls.ProcessBaseImage(parent);
        calls.ProcessUtilityImage(Path.Join(parent, "UtilityVM"));
        calls.GrantVmAccess("my-pod@vm", parent);
        calls.DestroyLayer(imported);
        calls.DestroyLayer(scratch);
        return new() { ["mounted"] = volume, ["id"] = calls.NameToGuid("imported"), ["told"] = told };
    }
}
