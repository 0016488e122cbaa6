using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows;

/// <summary>The privileges that reading and writing layer files needs.</summary>
[SupportedOSPlatform("windows")]
public static class HostPrivileges
{
    private const string Backup = "SeBackupPrivilege";
    private const string Restore = "SeRestorePrivilege";
    private const string Security = "SeSecurityPrivilege";

    /// <summary>What making layers needs: backup, restore, and security for audit rules.</summary>
    public static IReadOnlyList<string> Needed { get; } = [Backup, Restore, Security];

    /// <summary>What reading layers needs: backup, and security for audit rules.</summary>
    internal static IReadOnlyList<string> ToRead { get; } = [Backup, Security];

    /// <summary>What the system's own calls need that work on a layer's files.</summary>
    internal static IReadOnlyList<string> ToWrite { get; } = [Backup, Restore];

    /// <summary>Switches them on for this process, as far as it holds them, and names those that it does not hold.</summary>
    public static IReadOnlyList<string> EnableHeld() => EnableHeld(Needed);

    /// <summary>Switches them on for this process.</summary>
    /// <exception cref="PrivilegeMissingException">The process does not hold one.</exception>
    public static void Enable() => Enable(Needed);

    internal static void Enable(IReadOnlyList<string> privileges)
    {
        if (EnableHeld(privileges) is { Count: > 0 } missing)
            throw new PrivilegeMissingException(missing);
    }

    private static List<string> EnableHeld(IReadOnlyList<string> privileges)
    {
        using SafeAccessTokenHandle token = AdvApi32.OpenOwnToken();
        return [.. privileges.Where(name => !AdvApi32.EnablePrivilege(token, name))];
    }
}
