using WinLayers.Formats.Names;
using WinLayers.Formats.Text;

namespace WinLayers.Writing;

/// <summary>
/// The boot configuration of a Utility VM: processing the image changes these files, so a base layer keeps copies of them, and a layer
/// above never shares them with its parent.
/// </summary>
internal static class BootFiles
{
    private static readonly LayerPath Folder = LayerRoots.UtilityVmFilesPath.Child("EFI").Child("Microsoft").Child("Boot");

    /// <summary>What a Utility VM starts with; one without it cannot boot.</summary>
    internal static LayerPath Manager { get; } = Folder.Child("bootmgfw.efi");

    /// <summary>The names under which a base layer keeps copies, at its root.</summary>
    internal static IReadOnlyList<string> SavedNames { get; } = ["bcd.bak", "bcd.log.bak", "bcd.log1.bak", "bcd.log2.bak"];

    /// <summary>The bare name under which a base layer keeps a copy; null for every other path.</summary>
    internal static string? SavedNameOf(LayerPath path)
    {
        if (!path.IsBelow(Folder) || path.Parent != Folder)
            return null;
        return path.Name switch
        {
            var name when NtfsNames.Equal(name, "BCD") => SavedNames[0],
            var name when NtfsNames.Equal(name, "BCD.LOG") => SavedNames[1],
            var name when NtfsNames.Equal(name, "BCD.LOG1") => SavedNames[2],
            var name when NtfsNames.Equal(name, "BCD.LOG2") => SavedNames[3],
            _ => null,
        };
    }
}
