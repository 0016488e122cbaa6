using WinLayers.Oci.Platforms;

namespace WinLayers.Cli.Verbs;

/// <summary>What people call the builds that container images are made for.</summary>
internal static class WindowsNames
{
    public static string? Of(string? osVersion)
    {
        if (!WindowsVersion.TryParse(osVersion, out WindowsVersion version))
            return null;
        return version.Build switch
        {
            WindowsVersion.Ltsc2016 => "Windows Server 2016",
            16299 => "Windows Server, version 1709",
            17134 => "Windows Server, version 1803",
            WindowsVersion.Ltsc2019 => "Windows Server 2019",
            18362 => "Windows Server, version 1903",
            18363 => "Windows Server, version 1909",
            19041 => "Windows Server, version 2004",
            19042 => "Windows Server, version 20H2",
            WindowsVersion.Ltsc2022 => "Windows Server 2022",
            25398 => "Windows Server, version 23H2",
            WindowsVersion.Ltsc2025 => "Windows Server 2025",
            _ => null,
        };
    }
}
