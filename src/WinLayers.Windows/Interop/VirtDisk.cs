using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Interop;

/// <summary>VIRTUAL_STORAGE_TYPE, 20 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
internal struct VirtualStorageType
{
    [FieldOffset(0)]
    internal uint DeviceId;

    [FieldOffset(4)]
    internal Guid VendorId;

    internal static VirtualStorageType Vhdx => new() { DeviceId = 3, VendorId = new Guid("EC984AEC-A0F9-47E9-901F-71415A66345B") };
}

/// <summary>CREATE_VIRTUAL_DISK_PARAMETERS, version 2 (136 bytes).</summary>
[StructLayout(LayoutKind.Explicit, Size = 136)]
internal unsafe struct CreateVirtualDiskParameters
{
    [FieldOffset(0)]
    internal uint Version;

    [FieldOffset(8)]
    internal Guid UniqueId;

    [FieldOffset(24)]
    internal ulong MaximumSize;

    [FieldOffset(32)]
    internal uint BlockSizeInBytes;

    [FieldOffset(36)]
    internal uint SectorSizeInBytes;

    [FieldOffset(40)]
    internal uint PhysicalSectorSizeInBytes;

    [FieldOffset(48)]
    internal char* ParentPath;

    [FieldOffset(56)]
    internal char* SourcePath;
}

/// <summary>OPEN_VIRTUAL_DISK_PARAMETERS, version 2 (40 bytes).</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct OpenVirtualDiskParameters
{
    [FieldOffset(0)]
    internal uint Version;

    [FieldOffset(4)]
    internal int GetInfoOnly;

    [FieldOffset(8)]
    internal int ReadOnly;

    [FieldOffset(12)]
    internal Guid ResiliencyGuid;
}

/// <summary>The calls of virtdisk.dll. They return Win32 errors.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class VirtDisk
{
    private const string Library = "virtdisk.dll";
    private const uint AttachNoDriveLetter = 0x2;
    private const uint AttachPermanentLifetime = 0x4;

    // A policy that fixed drives are encrypted would make the disk read-only.
    private const uint AttachBypassEncryptionPolicy = 0x20;
    private const uint BlockSize = 1 << 20;
    private const int LongestDevicePath = 260;

    /// <summary>Makes a new growing VHDX; the handle is a virtdisk handle.</summary>
    internal static SafeFileHandle Create(string file, ulong bytes)
    {
        SafeFileHandle? disk = null;
        HostCall.Run(Library, "CreateVirtualDisk", file, () =>
        {
            VirtualStorageType type = VirtualStorageType.Vhdx;
            CreateVirtualDiskParameters parameters = new() { Version = 2, MaximumSize = bytes, BlockSizeInBytes = BlockSize };
            return HResult.FromWin32(CreateRaw(&type, HostPath.ToPlain(file), 0, 0, 0, 0, &parameters, 0, out disk));
        });
        return disk!;
    }

    /// <summary>Opens a disk's file; the handle is a virtdisk handle.</summary>
    internal static SafeFileHandle Open(string file)
    {
        SafeFileHandle? disk = null;
        HostCall.Run(Library, "OpenVirtualDisk", file, () =>
        {
            VirtualStorageType type = VirtualStorageType.Vhdx;
            OpenVirtualDiskParameters parameters = new() { Version = 2 };
            return HResult.FromWin32(OpenRaw(&type, HostPath.ToPlain(file), 0, 0, &parameters, out disk));
        });
        return disk!;
    }

    /// <summary>
    /// Attaches the disk without a drive letter, until it is detached or, unless <paramref name="permanent"/>, until its last handle
    /// closes.
    /// </summary>
    internal static void Attach(SafeHandle disk, string file, bool permanent) =>
        HostCall.Run(Library, "AttachVirtualDisk", file, () =>
        {
            // Version 1 is on every build.
            AttachParameters parameters = new() { Version = 1 };
            uint flags = AttachNoDriveLetter | AttachBypassEncryptionPolicy | (permanent ? AttachPermanentLifetime : 0);
            return HResult.FromWin32(AttachRaw(disk, 0, flags, 0, &parameters, 0));
        });

    internal static void Detach(SafeHandle disk, string file) =>
        HostCall.Run(Library, "DetachVirtualDisk", file, () => HResult.FromWin32(DetachRaw(disk, 0, 0)));

    /// <summary>The device that an attached disk is: <c>\\.\PhysicalDrive3</c>.</summary>
    internal static string GetPhysicalPath(SafeHandle disk, string file)
    {
        char[] buffer = new char[LongestDevicePath];
        // One character is never handed over: it ends the text.
        uint bytes = (uint)(buffer.Length - 1) * sizeof(char);
        fixed (char* pointer = buffer)
        {
            // A lambda cannot see a fixed local; the buffer stays pinned for as long as the call runs.
            nint pinned = (nint)pointer;
            HostCall.Run(Library, "GetVirtualDiskPhysicalPath", file,
                () => HResult.FromWin32(GetPhysicalPathRaw(disk, ref bytes, (char*)pinned)));
        }

        return new string(buffer.AsSpan(0, buffer.AsSpan().IndexOf('\0')));
    }

    [StructLayout(LayoutKind.Explicit, Size = 8)]
    private struct AttachParameters
    {
        [FieldOffset(0)]
        internal uint Version;
    }

    [LibraryImport(Library, EntryPoint = "CreateVirtualDisk", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CreateRaw(
        VirtualStorageType* type, string path, uint access, nint security, uint flags, uint providerFlags,
        CreateVirtualDiskParameters* parameters, nint overlapped, out SafeFileHandle disk);

    [LibraryImport(Library, EntryPoint = "OpenVirtualDisk", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int OpenRaw(
        VirtualStorageType* type, string path, uint access, uint flags, OpenVirtualDiskParameters* parameters, out SafeFileHandle disk);

    [LibraryImport(Library, EntryPoint = "AttachVirtualDisk")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int AttachRaw(SafeHandle disk, nint security, uint flags, uint providerFlags, AttachParameters* parameters,
        nint overlapped);

    [LibraryImport(Library, EntryPoint = "DetachVirtualDisk")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int DetachRaw(SafeHandle disk, uint flags, uint providerFlags);

    [LibraryImport(Library, EntryPoint = "GetVirtualDiskPhysicalPath")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetPhysicalPathRaw(SafeHandle disk, ref uint bytes, char* path);
}
