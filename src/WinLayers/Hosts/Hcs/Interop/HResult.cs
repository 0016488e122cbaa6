namespace WinLayers.Hosts.Hcs.Interop;

/// <summary>The three kinds of codes that Windows returns, brought to one: HRESULT.</summary>
internal static class HResult
{
    internal const int FileNotFound = unchecked((int)0x80070002);
    internal const int PathNotFound = unchecked((int)0x80070003);
    internal const int NotReady = unchecked((int)0x80070015);
    internal const int SharingViolation = unchecked((int)0x80070020);
    internal const int LockViolation = unchecked((int)0x80070021);
    internal const int Busy = unchecked((int)0x800700AA);

    internal static int FromWin32(int error) => error <= 0 ? error : unchecked((int)0x80070000) | (error & 0xFFFF);
}
