using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Hosts.Hcs.Interop;

namespace WinLayers.Hosts.Hcs;

/// <summary>Scratch layers by a virtual disk of their own and the storage filter of computestorage.dll.</summary>
[SupportedOSPlatform("windows")]
internal sealed class StorageFilterEngine : IScratchEngine
{
    private const long DefaultBytes = 20L << 30;
    private const int FirstBuildWithDiskHandle = 17764;

    private static string DiskOf(string folder) => Path.Join(folder, "sandbox.vhdx");

    public void Create(string folder, IReadOnlyList<string> parents, long? sizeBytes)
    {
        // First of all, so that what a killed process leaves can be removed as what it is.
        new ScratchRecord { Method = ScratchMethod.StorageFilter }.Write(folder);
        string file = DiskOf(folder);
        using SafeFileHandle disk = VirtDisk.Create(file, (ulong)(sizeBytes ?? DefaultBytes));

        // Up to Server 2019 the call wants the disk's file, later the disk; the wrong one is 0x80070057.
        if (Environment.OSVersion.Version.Build >= FirstBuildWithDiskHandle)
        {
            ComputeStorage.FormatWritableLayerVhd(disk, file);
            return;
        }

        disk.Dispose();
        using SafeFileHandle plain = Kernel32.Open(file, NtOpen.GenericRead | NtOpen.GenericWrite);
        ComputeStorage.FormatWritableLayerVhd(plain, file);
    }

    public void Expand(string folder, long sizeBytes) =>
        throw new HostNotSupportedException("a disk of the storage filter gets its size when it is made, and does not grow");

    public IReadOnlyList<ScratchStep> MountSteps(string folder, IReadOnlyList<string> parents)
    {
        string file = DiskOf(folder);
        string layers = HcsLayerHost.ChainOf(parents).ToLayerData();
        return
        [
            new(() => Attach(file), () => Detach(file)),
            new(() => ComputeStorage.InitializeWritableLayer(Volume(file), layers), () => { }),
            new(() => ComputeStorage.AttachLayerStorageFilter(Volume(file), layers), () => ComputeStorage.DetachLayerStorageFilter(Volume(file))),
        ];
    }

    public string? GetMountPath(string folder)
    {
        string file = DiskOf(folder);
        if (!File.Exists(file))
            return null;
        return Volume(file);
    }

    // The folder holds the disk and what is recorded of it, and goes with them.
    public void Destroy(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static void Attach(string file)
    {
        using SafeFileHandle disk = VirtDisk.Open(file);
        VirtDisk.Attach(disk, file);
    }

    private static void Detach(string file)
    {
        using SafeFileHandle disk = VirtDisk.Open(file);
        VirtDisk.Detach(disk, file);
    }

    private static string Volume(string file)
    {
        using SafeFileHandle disk = VirtDisk.Open(file);
        return ComputeStorage.GetLayerVhdMountPath(disk, file);
    }
}
