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

    /// <summary>The bare name under which a base layer keeps a copy; null for every other path.</summary>
    internal static string? SavedNameOf(LayerPath path)
    {
        if (!path.IsBelow(Folder) || path.Parent != Folder)
            return null;
        return path.Name switch
        {
            var name when NtfsNames.Equal(name, "BCD") => "bcd.bak",
            var name when NtfsNames.Equal(name, "BCD.LOG") => "bcd.log.bak",
            var name when NtfsNames.Equal(name, "BCD.LOG1") => "bcd.log1.bak",
            var name when NtfsNames.Equal(name, "BCD.LOG2") => "bcd.log2.bak",
            _ => null,
        };
    }
}
