using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Volumes;

internal static partial class ItemTimes
{
    private const uint ReadAttributes = 0x80;
    private const uint ShareAll = 0x7;
    private const uint OpenExisting = 3;
    private const uint BackupSemantics = 0x02000000;
    private const uint OpenReparsePoint = 0x00200000;
    private const int FileBasicInformation = 0;

    // The framework knows no time of change.
    [SupportedOSPlatform("windows")]
    private static FileTimes OfOnWindows(string path)
    {
        using SafeFileHandle file =
            CreateFile(path, ReadAttributes, ShareAll, 0, OpenExisting, BackupSemantics | OpenReparsePoint, 0);
        return !file.IsInvalid
            && GetFileInformationByHandleEx(file, FileBasicInformation, out BasicInformation found, Marshal.SizeOf<BasicInformation>())
            ? new FileTimes(new(found.Creation), new(found.Access), new(found.Write), new(found.Change))
            : throw new IOException($"The times of '{path}' cannot be read.", new Win32Exception(Marshal.GetLastPInvokeError()));
    }

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [SupportedOSPlatform("windows")]
    private static partial SafeFileHandle CreateFile(
        string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    [SupportedOSPlatform("windows")]
    private static partial bool GetFileInformationByHandleEx(
        SafeFileHandle file, int informationClass, out BasicInformation information, int length);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct BasicInformation(long Creation, long Access, long Write, long Change, uint Attributes);
}
