namespace WinLayers.Windows.Errors;

/// <summary>The three kinds of codes that Windows returns, brought to one: HRESULT.</summary>
internal static class HResult
{
    internal const int FileNotFound = unchecked((int)0x80070002);
    internal const int PathNotFound = unchecked((int)0x80070003);
    internal const int NotReady = unchecked((int)0x80070015);
    internal const int SharingViolation = unchecked((int)0x80070020);
    internal const int LockViolation = unchecked((int)0x80070021);
    internal const int Busy = unchecked((int)0x800700AA);
    internal const int DeviceNotConnected = unchecked((int)0x8007048F);

    internal const int DeviceNotThere = unchecked((int)0x80070037);
    internal const int NotFound = unchecked((int)0x80070490);
    internal const int DiskInOtherState = unchecked((int)0xC03A001C);

    // FACILITY_NT_BIT: an HRESULT with it is an NTSTATUS.
    private const int NtBit = 0x10000000;

    // ERROR_MR_MID_NOT_FOUND, which RtlNtStatusToDosError gives for a status that Win32 has no error for.
    private const int NoTwin = 317;

    /// <summary>Whether a code says that a layer is not mounted, or a disk not attached, so that there is nothing to take back.</summary>
    internal static bool MeansNotActive(int code) => code is FileNotFound or PathNotFound or NotFound or DeviceNotThere or DiskInOtherState;

    /// <summary>The HRESULT of a status: the one of its Win32 error, or the status itself where there is none.</summary>
    internal static int FromNtStatus(int status, int win32) => win32 == NoTwin ? status | NtBit : FromWin32(win32);

    /// <summary>The status that an HRESULT is; null for any other.</summary>
    internal static int? ToNtStatus(int code) => code < 0 && (code & NtBit) != 0 ? code & ~NtBit : null;

    internal static int FromWin32(int error) => error <= 0 ? error : unchecked((int)0x80070000) | (error & 0xFFFF);
}
