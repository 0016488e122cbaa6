using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using WinLayers.Volumes;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Scratch;

namespace WinLayers.Windows.Tests;

/// <summary>
/// Records the calls with the kind of handle that they get, keeps the disk's state as Windows would, and fails those that a test asks
/// for.
/// </summary>
internal sealed class RecordingDisks : IDiskCalls
{
    internal const string Volume = @"\\?\Volume{1}";

    private static readonly nint Disk = 1;
    private static readonly nint Device = 2;

    private readonly Dictionary<string, int> _failures = [];

    public List<string> Calls { get; } = [];

    /// <summary>What an attached disk's volume is called.</summary>
    public string VolumePath { get; set; } = Volume;

    /// <summary>How often the volume is asked for in vain at first.</summary>
    public int VolumeArrivesAfter { get; set; }

    public bool IsAttached { get; private set; }

    public void Fail(string call, uint code) => _failures[call] = unchecked((int)code);

    public void FailNoMore() => _failures.Clear();

    public SafeHandle Create(string file, ulong bytes)
    {
        Record("Create", $"{bytes}");
        File.WriteAllText(file, "disk");
        return Handle(Disk);
    }

    public SafeHandle Open(string file)
    {
        Assert.True(File.Exists(file));
        return Handle(Disk);
    }

    public void Attach(SafeHandle disk, string file, bool permanent)
    {
        Record("Attach", permanent ? "for good" : "for now");
        Assert.False(IsAttached);
        IsAttached = true;
    }

    public void Detach(SafeHandle disk, string file)
    {
        Record("Detach");
        Assert.True(IsAttached);
        IsAttached = false;
    }

    public string GetPhysicalPath(SafeHandle disk, string file)
    {
        Record("GetPhysicalPath");
        Assert.True(IsAttached);
        return @"\\.\PhysicalDrive3";
    }

    public SafeHandle OpenPhysicalDisk(string path)
    {
        Record("OpenPhysicalDisk", path);
        return Handle(Device);
    }

    public void Format(SafeHandle disk, string file) => Record("Format", disk.DangerousGetHandle() == Device ? "device" : "disk");

    public string GetVolume(SafeHandle disk, string file)
    {
        // Asked often, and recorded only where it fails.
        if (_failures.ContainsKey("GetVolume"))
            Record("GetVolume");
        if (VolumeArrivesAfter-- > 0)
            return "";
        return IsAttached ? VolumePath : throw new HostCallException("HcsGetLayerVhdMountPath", unchecked((int)0x80070037));
    }

    public string DescribeLayers(LayerChain parents)
    {
        if (_failures.ContainsKey("DescribeLayers"))
            Record("DescribeLayers");
        return string.Join(',', parents);
    }

    public void InitializeLayer(string volume, string layers) => Record("Initialize", layers);

    public void AttachFilter(string volume, string layers) => Record("AttachFilter", layers);

    public void DetachFilter(string volume) => Record("DetachFilter");

    public void ExportLayer(string volume, string transportFolder, string layers) => Record("ExportLayer", $"{volume} {layers}");

    private static SafeFileHandle Handle(nint value) => new(value, ownsHandle: false);

    private void Record(string call, string? detail = null)
    {
        Calls.Add(detail is null ? call : $"{call} {detail}");
        if (_failures.TryGetValue(call, out int code))
            throw new HostCallException(call, code);
    }
}
