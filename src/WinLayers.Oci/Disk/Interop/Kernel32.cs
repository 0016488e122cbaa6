using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace WinLayers.Oci.Disk.Interop;

[SupportedOSPlatform("windows")]
internal static unsafe partial class Kernel32
{
    private const uint DeleteAccess = 0x10000;
    private const uint ReadAttributes = 0x80;
    private const uint WriteAttributes = 0x100;
    private const uint ShareAll = 0x7;
    private const uint OpenExisting = 3;
    private const uint BackupSemantics = 0x02000000;
    private const uint OpenReparsePoint = 0x00200000;

    private const int BasicClass = 0;
    private const int StandardClass = 1;
    private const int DispositionClass = 4;
    private const int DispositionExClass = 21;
    private const uint DispositionDelete = 0x1;
    private const uint DispositionPosix = 0x2;
    private const uint DispositionIgnoreReadOnly = 0x10;

    private const int InvalidFunction = 1;
    private const int NotSupported = 50;
    private const int InvalidParameter = 87;

    /// <summary>Makes a hard link; 0, or the number of the error.</summary>
    internal static int CreateHardLink(string name, string existing) =>
        CreateHardLinkRaw(name, existing, securityAttributes: 0) ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>
    /// Removes a file, an empty folder or a link itself, read-only or not; 0, or the number of the error. Other names of the file stay
    /// read-only. With the restore privilege it needs no permission of the file's own rules: those are the layer's.
    /// </summary>
    internal static int Remove(string path)
    {
        using SafeFileHandle file = CreateFileRaw(
            path, DeleteAccess | ReadAttributes | WriteAttributes, ShareAll, 0, OpenExisting, BackupSemantics | OpenReparsePoint, 0);
        if (file.IsInvalid)
            return Marshal.GetLastPInvokeError();
        uint flags = DispositionDelete | DispositionPosix | DispositionIgnoreReadOnly;
        if (SetInformationRaw(file, DispositionExClass, &flags, sizeof(uint)))
            return 0;
        int error = Marshal.GetLastPInvokeError();
        return error is InvalidFunction or NotSupported or InvalidParameter ? RemoveOnOlder(file) : error;
    }

    // Before Windows 10 1709, and on file systems other than NTFS: there a read-only file is refused, and its attribute is that of all its
    // names.
    private static int RemoveOnOlder(SafeFileHandle file)
    {
        BasicInformation basic;
        StandardInformation standard;
        if (!GetInformationRaw(file, BasicClass, &basic, (uint)sizeof(BasicInformation))
            || !GetInformationRaw(file, StandardClass, &standard, (uint)sizeof(StandardInformation)))
            return Marshal.GetLastPInvokeError();
        bool isReadOnly = ((FileAttributes)basic.Attributes).HasFlag(FileAttributes.ReadOnly);
        if (isReadOnly && SetAttributes(file, basic.Attributes & ~(uint)FileAttributes.ReadOnly) is var refused and not 0)
            return refused;
        byte delete = 1;
        int error = SetInformationRaw(file, DispositionClass, &delete, sizeof(byte)) ? 0 : Marshal.GetLastPInvokeError();
        bool givesBack = isReadOnly && (error != 0 || standard.Links > 1);
        return givesBack && SetAttributes(file, basic.Attributes) is var lost and not 0 ? lost : error;
    }

    // Times of 0 stay as they are, and attributes of 0 would.
    private static int SetAttributes(SafeFileHandle file, uint attributes)
    {
        BasicInformation basic = new() { Attributes = attributes == 0 ? (uint)FileAttributes.Normal : attributes };
        return SetInformationRaw(file, BasicClass, &basic, (uint)sizeof(BasicInformation)) ? 0 : Marshal.GetLastPInvokeError();
    }

    [StructLayout(LayoutKind.Explicit, Size = 40)]
    private struct BasicInformation
    {
        [FieldOffset(32)]
        internal uint Attributes;
    }

    [StructLayout(LayoutKind.Explicit, Size = 24)]
    private struct StandardInformation
    {
        [FieldOffset(16)]
        internal uint Links;
    }

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLinkRaw(string name, string existing, nint securityAttributes);

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    private static partial SafeFileHandle CreateFileRaw(
        string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32", EntryPoint = "SetFileInformationByHandle", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformationRaw(SafeFileHandle file, int informationClass, void* information, uint length);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetInformationRaw(SafeFileHandle file, int informationClass, void* information, uint length);
}
