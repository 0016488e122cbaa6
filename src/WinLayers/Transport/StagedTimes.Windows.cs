using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Transport;

internal static partial class StagedTimes
{
    private const int FileBasicInformation = 0;

    [SupportedOSPlatform("windows")]
    private static void SetOnWindows(SafeFileHandle file, FileTimes times)
    {
        // FILE_BASIC_INFO: four times, attributes, padding. Attributes of 0 leave those of the file alone.
        var information =
            new BasicInformation(times.Creation.Ticks, times.Access.Ticks, times.Write.Ticks, times.Change.Ticks, Attributes: 0);
        if (!SetFileInformationByHandle(file, FileBasicInformation, in information, Marshal.SizeOf<BasicInformation>()))
            throw new IOException("The times of a staged file cannot be set.", new Win32Exception(Marshal.GetLastPInvokeError()));
    }

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    [SupportedOSPlatform("windows")]
    private static partial bool SetFileInformationByHandle(SafeFileHandle file, int informationClass, in BasicInformation information,
        int length);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct BasicInformation(long Creation, long Access, long Write, long Change, uint Attributes);
}
