using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows;

/// <summary>The privileges that reading and writing layer files needs.</summary>
[SupportedOSPlatform("windows")]
public static class HostPrivileges
{
    /// <summary>What is needed: backup, restore, and security for audit rules.</summary>
    public static IReadOnlyList<string> Needed { get; } = ["SeBackupPrivilege", "SeRestorePrivilege", "SeSecurityPrivilege"];

    /// <summary>Switches them on for this process, as far as it holds them, and names those that it does not hold.</summary>
    public static IReadOnlyList<string> EnableHeld()
    {
        using SafeAccessTokenHandle token = AdvApi32.OpenOwnToken();
        return [.. Needed.Where(name => !AdvApi32.EnablePrivilege(token, name))];
    }

    /// <summary>Switches them on for this process.</summary>
    /// <exception cref="PrivilegeMissingException">The process does not hold one.</exception>
    public static void Enable()
    {
        if (EnableHeld() is { Count: > 0 } missing)
            throw new PrivilegeMissingException(missing);
    }
}
