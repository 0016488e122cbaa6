namespace WinLayers.Windows.Interop;

/// <summary>NTSTATUS values that layer work tells apart.</summary>
internal static class NtStatus
{
    internal const int NotImplemented = unchecked((int)0xC0000002);
    internal const int InvalidInfoClass = unchecked((int)0xC0000003);
    internal const int InvalidParameter = unchecked((int)0xC000000D);
    internal const int InvalidDeviceRequest = unchecked((int)0xC0000010);
    internal const int NameNotFound = unchecked((int)0xC0000034);
    internal const int NameCollision = unchecked((int)0xC0000035);
    internal const int PathNotFound = unchecked((int)0xC000003A);
    internal const int FileIsADirectory = unchecked((int)0xC00000BA);
    internal const int NotSupported = unchecked((int)0xC00000BB);
    internal const int NotADirectory = unchecked((int)0xC0000103);
    internal const int ReparsePointEncountered = unchecked((int)0xC000050B);

    /// <summary>Whether the file system has no such operation, so that an older one has to do.</summary>
    internal static bool IsUnsupported(int status) =>
        status is NotImplemented or InvalidInfoClass or InvalidParameter or InvalidDeviceRequest or NotSupported;
}
