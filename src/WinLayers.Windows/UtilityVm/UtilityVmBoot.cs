using WinLayers.Formats.Names;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Windows.UtilityVm;

/// <summary>What a virtual machine boots from: found by looking at folders alone, on any system.</summary>
/// <param name="LayerFolder">The layer that has it.</param>
/// <param name="UtilityVmFolder">Its <c>UtilityVM</c> folder.</param>
/// <param name="OsFilesFolder">The folder shared with the machine as <c>os</c>.</param>
/// <param name="TemplateDisk">The disk that every machine gets a copy of.</param>
/// <param name="BootPath">The boot manager's path inside the machine.</param>
public sealed record UtilityVmBoot(string LayerFolder, string UtilityVmFolder, string OsFilesFolder, string TemplateDisk, string BootPath)
{
    private const string TemplateName = "SystemTemplate.vhdx";

    internal static LayerPath BootManager => BootFiles.Manager;

    private static LayerPath Template { get; } = LayerRoots.UtilityVmPath.Child(TemplateName);

    /// <summary>
    /// Looks through the chain from the child down. A layer that changes the Utility VM holds all of it, so the uppermost that boots has
    /// the newest; one below it is what the image had before it was patched.
    /// </summary>
    /// <param name="chain">The layers.</param>
    /// <exception cref="UtilityVmPayloadException">No layer can boot, or the one that can lacks its template.</exception>
    public static UtilityVmBoot Locate(LayerChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        foreach (string layer in chain)
        {
            if (FindFile(layer, BootManager) is not { } manager)
                continue;

            // …\UtilityVM\Files\EFI\Microsoft\Boot\bootmgfw.efi, spelled as the folder has it.
            string files = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(manager))))!;
            string utilityVm = Path.GetDirectoryName(files)!;
            string template = FindFile(layer, Template)
                ?? throw UtilityVmPayloadException.Incomplete(Path.Join(utilityVm, TemplateName));
            return new UtilityVmBoot(layer, utilityVm, files, template, @"\EFI\Microsoft\Boot\bootmgfw.efi");
        }

        throw UtilityVmPayloadException.NotBootable(chain);
    }

    // Component by component, so that letter case does not matter on systems where it does. A directory of the name is no such file.
    private static string? FindFile(string folder, LayerPath relative)
    {
        EnumerationOptions anyCase =
            new()
            {
                MatchCasing = MatchCasing.CaseInsensitive,
                MatchType = MatchType.Simple,
                AttributesToSkip = FileAttributes.ReparsePoint
            };
        string current = folder;
        foreach (string part in relative.Value.Split('\\'))
        {
            if (!Directory.Exists(current))
                return null;
            if (Directory.EnumerateFileSystemEntries(current, part, anyCase).FirstOrDefault() is not { } found)
                return null;
            current = found;
        }

        return File.Exists(current) ? current : null;
    }
}
