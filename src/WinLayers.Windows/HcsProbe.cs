using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows;

/// <summary>Looks whether this process can work on layers with the Host Compute Service.</summary>
public static class HcsProbe
{
    private const string Library = "vmcompute.dll";
    private const string ServiceKey = @"SYSTEM\CurrentControlSet\Services\vmcompute";

    /// <summary>
    /// Looks for all that layers need, each for itself: the library of the Host Compute Service, its service, which comes with the
    /// Containers feature, the privileges, and the volume of the store. Privileges that are held are switched on; nothing else changes.
    /// </summary>
    /// <param name="store">Where the store is, or would be.</param>
    [SupportedOSPlatform("windows")]
    public static IReadOnlyList<Diagnosis> Look(string store)
    {
        ArgumentException.ThrowIfNullOrEmpty(store);
        return
        [
            Try("host", "hcs: the Host Compute Service", RequireLibrary),
            Service(),
            Try("privileges", $"{string.Join(", ", HostPrivileges.Needed)} are held", HostPrivileges.Enable),
            Try("volume", "a file system that layers can stand on", () => RequireVolume(store)),
        ];
    }

    /// <summary>Fails where Windows has no containers, before anything is written that they would be needed for.</summary>
    [SupportedOSPlatform("windows")]
    internal static void RequireLibrary()
    {
        if (!NativeLibrary.TryLoad(Library, typeof(HcsProbe).Assembly, DllImportSearchPath.System32, out nint handle))
            throw HostNotSupportedException.MissingLibrary(Library, "the Host Compute Service", new DllNotFoundException(Library));
        NativeLibrary.Free(handle);
    }

    /// <summary>Fails where layers cannot stand on the volume.</summary>
    [SupportedOSPlatform("windows")]
    internal static void RequireVolume(string folder)
    {
        string there = Path.GetFullPath(folder);
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above)
            there = above;

        // Asked of the folder itself: a volume may be mounted in a folder and have no drive letter.
        using SafeFileHandle handle = Kernel32.Open(there, NtOpen.ReadAttributes);
        JudgeVolume(there, Kernel32.GetFileSystem(handle, there));
    }

    /// <summary>What a file system's name says.</summary>
    /// <exception cref="HostStateException">Layers need NTFS: hard links, streams, reparse points and rules of access.</exception>
    internal static void JudgeVolume(string folder, string format)
    {
        if (!format.Equals("NTFS", StringComparison.OrdinalIgnoreCase))
            throw HostStateException.NotNtfs(folder, format);
    }

    [SupportedOSPlatform("windows")]
    private static Diagnosis Service()
    {
        using RegistryKey? key = Registry.LocalMachine.OpenSubKey(ServiceKey);
        return key is not null
            ? new Diagnosis("service", DiagnosisResult.Fine, "vmcompute is installed")
            : new Diagnosis(
                "service", DiagnosisResult.Wrong,
                "the service vmcompute is not installed: turn on the Containers feature (Enable-WindowsOptionalFeature -Online " +
                    "-FeatureName Containers; on a server Install-WindowsFeature Containers) and restart");
    }

    private static Diagnosis Try(string name, string fine, Action probe)
    {
        try
        {
            probe();
            return new Diagnosis(name, DiagnosisResult.Fine, fine);
        }
        catch (WinLayersException missing)
        {
            return new Diagnosis(name, DiagnosisResult.Wrong, missing.Message) { Failure = missing };
        }
    }
}
