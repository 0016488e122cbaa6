using System.Runtime.InteropServices;
using WinLayers.Volumes;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Scratch;

/// <summary>Scratch layers by a virtual disk of their own and the storage filter of computestorage.dll.</summary>
/// <param name="calls">The calls.</param>
/// <param name="build">The host's build.</param>
internal sealed class StorageFilterEngine(IDiskCalls calls, int build) : IScratchEngine
{
    // Windows 10 1903. Before it HcsFormatWritableLayerVhd takes the device that an attached disk is, from then on the disk's own
    // handle; the wrong one is 0x80070057.
    private const int FirstBuildWithDiskHandle = 18362;

    private const ulong DefaultBytes = 20UL << 30;
    private const ulong SectorBytes = 512;

    private static string DiskOf(string folder) => Path.Join(folder, ScratchLayer.DiskName);

    public void Create(string folder, LayerChain parents, long? sizeBytes)
    {
        // First of all, so that what a killed process leaves can be removed as what it is.
        new ScratchRecord { Method = ScratchMethod.StorageFilter, IsFresh = true }.Write(folder);
        string file = DiskOf(folder);

        // CreateVirtualDisk refuses a size that is not of whole sectors, and does not say why.
        ulong bytes = sizeBytes is { } size ? ((ulong)size + SectorBytes - 1) / SectorBytes * SectorBytes : DefaultBytes;
        using SafeHandle disk = calls.Create(file, bytes);
        if (build >= FirstBuildWithDiskHandle)
            calls.Format(disk, file);
        else
            FormatAttached(disk, file);
    }

    public void Expand(string folder, long sizeBytes) =>
        throw new HostNotSupportedException("a disk of the storage filter gets its size when it is made, and does not grow");

    public IReadOnlyList<ScratchStep> MountSteps(string folder, LayerChain parents)
    {
        string file = DiskOf(folder);
        return
        [
            new(() => Attach(file), () => Detach(file)),
            new(() => RequireVolume(file), () => { }) { Passes = IsStillToCome },
            new(() => InitializeOnce(folder, parents), () => { }),
            new(() => calls.AttachFilter(RequireVolume(file), calls.DescribeLayers(parents)),
                () => calls.DetachFilter(RequireVolume(file))),
        ];
    }

    public string? GetMountPath(string folder)
    {
        string file = DiskOf(folder);
        return File.Exists(file) ? Volume(file) : null;
    }

    // Not run on Windows: by its description the call takes the root of a writable layer that is mounted.
    public void Export(string folder, string transportFolder, LayerChain parents) =>
        calls.ExportLayer(RequireVolume(DiskOf(folder)), transportFolder, calls.DescribeLayers(parents));

    public void Destroy(string folder)
    {
        if (Directory.Exists(folder))
            File.Delete(DiskOf(folder));
    }

    // A failure in between needs no undoing: the disk is detached when its handle closes.
    private void FormatAttached(SafeHandle disk, string file)
    {
        calls.Attach(disk, file, permanent: false);
        using (SafeHandle device = calls.OpenPhysicalDisk(calls.GetPhysicalPath(disk, file)))
            calls.Format(device, file);
        calls.Detach(disk, file);
    }

    // What a container wrote would not outlive a second time. The record says whether there was a first one, whoever is killed in between.
    private void InitializeOnce(string folder, LayerChain parents)
    {
        var record = ScratchRecord.Read(folder);
        if (!record.IsFresh)
            return;
        calls.InitializeLayer(RequireVolume(DiskOf(folder)), calls.DescribeLayers(parents));
        (record with { IsFresh = false }).Write(folder);
    }

    private void Attach(string file)
    {
        using SafeHandle disk = calls.Open(file);
        calls.Attach(disk, file, permanent: true);
    }

    private void Detach(string file)
    {
        using SafeHandle disk = calls.Open(file);
        calls.Detach(disk, file);
    }

    // Windows tells of an attached disk's volume a moment after the disk itself.
    private static bool IsStillToCome(Exception failure) => failure switch
    {
        HostStateException state => state.Reason is HostStateFailure.NoMountPath,
        HostCallException call => HResult.MeansNotActive(call.ErrorCode) || HostRetry.IsPassing(call),
        _ => false,
    };

    private string RequireVolume(string file) =>
        Volume(file) is { Length: > 0 } volume ? volume : throw HostStateException.NoMountPath(file);

    private string Volume(string file)
    {
        using SafeHandle disk = calls.Open(file);
        return calls.GetVolume(disk, file);
    }
}
