using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using WinLayers.Volumes;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Scratch;

/// <summary>The calls as virtdisk.dll and computestorage.dll do them.</summary>
[SupportedOSPlatform("windows")]
internal sealed class NativeDiskCalls : IDiskCalls
{
    internal static NativeDiskCalls Instance { get; } = new();

    public SafeHandle Create(string file, ulong bytes) => VirtDisk.Create(file, bytes);

    public SafeHandle Open(string file) => VirtDisk.Open(file);

    public void Attach(SafeHandle disk, string file, bool permanent) => VirtDisk.Attach(disk, file, permanent);

    public void Detach(SafeHandle disk, string file) => VirtDisk.Detach(disk, file);

    public string GetPhysicalPath(SafeHandle disk, string file) => VirtDisk.GetPhysicalPath(disk, file);

    public SafeHandle OpenPhysicalDisk(string path) => Kernel32.OpenPhysicalDisk(path);

    public void Format(SafeHandle disk, string file) => ComputeStorage.FormatWritableLayerVhd(disk, file);

    public string GetVolume(SafeHandle disk, string file) => ComputeStorage.GetLayerVhdMountPath(disk, file);

    public string DescribeLayers(LayerChain parents) => LayerData.Of(parents);

    public void InitializeLayer(string volume, string layers) => ComputeStorage.InitializeWritableLayer(volume, layers);

    public void AttachFilter(string volume, string layers) => ComputeStorage.AttachLayerStorageFilter(volume, layers);

    public void DetachFilter(string volume) => ComputeStorage.DetachLayerStorageFilter(volume);

    public void ExportLayer(string volume, string transportFolder, string layers) =>
        ComputeStorage.ExportLayer(volume, transportFolder, layers, """{"IsWritableLayer":true}""");
}
