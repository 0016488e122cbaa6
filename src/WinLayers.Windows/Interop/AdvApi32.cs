using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Interop;

/// <summary>The calls of advapi32.dll that switch privileges on.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class AdvApi32
{
    private const string Library = "advapi32.dll";
    private const uint TokenQuery = 0x8;
    private const uint TokenAdjustPrivileges = 0x20;
    private const uint PrivilegeEnabled = 0x2;
    private const int NotAllAssigned = 1300;

    /// <summary>TOKEN_PRIVILEGES with room for one.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal struct OnePrivilege
    {
        [FieldOffset(0)]
        internal uint Count;

        [FieldOffset(4)]
        internal uint LuidLow;

        [FieldOffset(8)]
        internal int LuidHigh;

        [FieldOffset(12)]
        internal uint Attributes;
    }

    internal static SafeAccessTokenHandle OpenOwnToken()
    {
        // -1 is the pseudo handle of the own process: nothing to close.
        if (!OpenProcessTokenRaw(-1, TokenQuery | TokenAdjustPrivileges, out SafeAccessTokenHandle token))
            throw Failed("OpenProcessToken");
        return token;
    }

    /// <summary>Switches the privilege on; false where the token does not hold it.</summary>
    internal static bool EnablePrivilege(SafeAccessTokenHandle token, string name)
    {
        OnePrivilege wanted = new() { Count = 1, Attributes = PrivilegeEnabled };
        if (!LookupPrivilegeValueRaw(null, name, &wanted.LuidLow))
            throw Failed("LookupPrivilegeValue");
        if (!AdjustTokenPrivilegesRaw(token, disableAll: false, &wanted, 0, null, null))
            throw Failed("AdjustTokenPrivileges");

        // The call succeeds even when it assigned nothing.
        return Marshal.GetLastPInvokeError() != NotAllAssigned;
    }

    private static HostCallException Failed(string call) => new(call, HResult.FromWin32(Marshal.GetLastPInvokeError()));

    [LibraryImport(Library, EntryPoint = "OpenProcessToken", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool OpenProcessTokenRaw(nint process, uint access, out SafeAccessTokenHandle token);

    [LibraryImport(Library, EntryPoint = "LookupPrivilegeValueW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool LookupPrivilegeValueRaw(string? system, string name, uint* luid);

    [LibraryImport(Library, EntryPoint = "AdjustTokenPrivileges", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool AdjustTokenPrivilegesRaw(
        SafeAccessTokenHandle token, [MarshalAs(UnmanagedType.Bool)] bool disableAll, OnePrivilege* wanted, uint size, void* before,
            uint* needed);
}
