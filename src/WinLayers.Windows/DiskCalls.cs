using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows;

/// <summary>
/// The calls of virtdisk.dll that a layer's disk needs, one method each: the handles that <see cref="StorageCalls"/> takes come from here.
/// </summary>
/// <remarks>
/// Every method throws <see cref="HostCallException"/> where Windows refuses, and <see cref="HostNotSupportedException"/> where this
/// Windows lacks the library.
/// </remarks>
/// <param name="logger">Told of each call, at debug level.</param>
[SupportedOSPlatform("windows")]
public sealed class DiskCalls(ILogger<DiskCalls>? logger = null)
{
    private readonly CallLog _log = new(logger ?? NullLogger<DiskCalls>.Instance);

    /// <summary>Makes a growing disk (VHDX) and opens it.</summary>
    /// <param name="file">Its file, not there yet.</param>
    /// <param name="bytes">The size that it can grow to, in whole sectors of 512 bytes.</param>
    public SafeHandle Create(string file, ulong bytes) => _log.Run("CreateVirtualDisk", file, () => VirtDisk.Create(file, bytes));

    /// <summary>Opens a disk.</summary>
    /// <param name="file">Its file.</param>
    public SafeHandle Open(string file) => _log.Run("OpenVirtualDisk", file, () => VirtDisk.Open(file));

    /// <summary>Attaches a disk without a drive letter, past a policy that would encrypt it.</summary>
    /// <param name="disk">Its handle.</param>
    /// <param name="file">Its file, for messages.</param>
    /// <param name="permanent">Until it is detached; else until its last handle closes.</param>
    public void Attach(SafeHandle disk, string file, bool permanent) =>
        _log.Run("AttachVirtualDisk", file, () => VirtDisk.Attach(disk, file, permanent));

    /// <summary>Detaches a disk.</summary>
    /// <param name="disk">Its handle.</param>
    /// <param name="file">Its file, for messages.</param>
    public void Detach(SafeHandle disk, string file) => _log.Run("DetachVirtualDisk", file, () => VirtDisk.Detach(disk, file));

    /// <summary>The device that an attached disk is: <c>\\.\PhysicalDrive3</c>.</summary>
    /// <param name="disk">Its handle.</param>
    /// <param name="file">Its file, for messages.</param>
    public string GetPhysicalPath(SafeHandle disk, string file) =>
        _log.Run("GetVirtualDiskPhysicalPath", file, () => VirtDisk.GetPhysicalPath(disk, file));
}
