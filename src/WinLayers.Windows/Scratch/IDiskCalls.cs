using System.Runtime.InteropServices;
using WinLayers.Volumes;

namespace WinLayers.Windows.Scratch;

/// <summary>
/// The calls that make and mount the disks of the storage filter, so that their order and their undoing can be tested on any system.
/// </summary>
internal interface IDiskCalls
{
    /// <summary>Makes a growing disk and opens it.</summary>
    SafeHandle Create(string file, ulong bytes);

    SafeHandle Open(string file);

    /// <summary>Attaches the disk, until it is detached or, unless <paramref name="permanent"/>, until its last handle closes.</summary>
    void Attach(SafeHandle disk, string file, bool permanent);

    void Detach(SafeHandle disk, string file);

    /// <summary>The path of the device that an attached disk is: <c>\\.\PhysicalDrive3</c>.</summary>
    string GetPhysicalPath(SafeHandle disk, string file);

    SafeHandle OpenPhysicalDisk(string path);

    void Format(SafeHandle disk, string file);

    /// <summary>The path of an attached disk's volume; empty where Windows has none to tell.</summary>
    string GetVolume(SafeHandle disk, string file);

    /// <summary>The layers as the calls below take them.</summary>
    string DescribeLayers(LayerChain parents);

    void InitializeLayer(string volume, string layers);

    void AttachFilter(string volume, string layers);

    void DetachFilter(string volume);

    void ExportLayer(string volume, string transportFolder, string layers);
}
