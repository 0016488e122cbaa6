using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using WinLayers.Volumes;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Scratch;

/// <summary>The calls as virtdisk.dll and computestorage.dll do them.</summary>
[SupportedOSPlatform("windows")]
internal sealed class NativeDiskCalls(ILogger logger) : IDiskCalls
{
    private readonly CallLog _log = new(logger);

    public SafeHandle Create(string file, ulong bytes) => _log.Run("CreateVirtualDisk", file, () => VirtDisk.Create(file, bytes));

    public SafeHandle Open(string file) => _log.Run("OpenVirtualDisk", file, () => VirtDisk.Open(file));

    public void Attach(SafeHandle disk, string file, bool permanent) =>
        _log.Run("AttachVirtualDisk", file, () => VirtDisk.Attach(disk, file, permanent));

    public void Detach(SafeHandle disk, string file) => _log.Run("DetachVirtualDisk", file, () => VirtDisk.Detach(disk, file));

    public string GetPhysicalPath(SafeHandle disk, string file) =>
        _log.Run("GetVirtualDiskPhysicalPath", file, () => VirtDisk.GetPhysicalPath(disk, file));

    public SafeHandle OpenPhysicalDisk(string path) => Kernel32.OpenPhysicalDisk(path);

    public void Format(SafeHandle disk, string file) =>
        _log.Run("HcsFormatWritableLayerVhd", file, () => ComputeStorage.FormatWritableLayerVhd(disk, file));

    public string GetVolume(SafeHandle disk, string file) =>
        _log.Run("HcsGetLayerVhdMountPath", file, () => ComputeStorage.GetLayerVhdMountPath(disk, file));

    public string DescribeLayers(LayerChain parents) => LayerData.Of(parents);

    public void InitializeLayer(string volume, string layers) =>
        _log.Run("HcsInitializeWritableLayer", volume, () => ComputeStorage.InitializeWritableLayer(volume, layers, ""));

    public void AttachFilter(string volume, string layers) =>
        _log.Run("HcsAttachLayerStorageFilter", volume, () => ComputeStorage.AttachLayerStorageFilter(volume, layers));

    public void DetachFilter(string volume) =>
        _log.Run("HcsDetachLayerStorageFilter", volume, () => ComputeStorage.DetachLayerStorageFilter(volume));

    public void ExportLayer(string volume, string transportFolder, string layers) =>
        _log.Run("HcsExportLayer", volume,
            () => ComputeStorage.ExportLayer(volume, transportFolder, layers, """{"IsWritableLayer":true}"""));
}
