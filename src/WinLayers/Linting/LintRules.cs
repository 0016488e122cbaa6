using WinLayers.Formats;

namespace WinLayers.Linting;

/// <summary>Rules that nothing is refused for: what is lost, or would surprise. The linter alone tells of them.</summary>
public static class LintRules
{
    private const string Nothing = "Nothing has to be done.";

    /// <summary>Files and directories have security descriptors.</summary>
    public static LayerRule NoSecurity { get; } =
        Note("WCL2360", "lint-no-security", "files and directories below Files have a security descriptor",
        "They inherit one from where they are put. Build the layer with a tool that records " +
            "MSWINDOWS.rawsd if services depend on their rights.");

    /// <summary>Names do not end in a dot or a space.</summary>
    public static LayerRule TrailingDotOrSpace { get; } =
        Note("WCL2361", "lint-trailing-dot-or-space", "a name does not end in '.' or a space, which most Windows programs cannot open",
        Nothing);

    /// <summary>Names are not those of devices.</summary>
    public static LayerRule DeviceName { get; } =
        Note("WCL2362", "lint-device-name", "a name is not that of a device, which most Windows programs open instead", Nothing);

    /// <summary>Times can be kept.</summary>
    public static LayerRule TimeRange { get; } =
        Warning("WCL2363", "lint-time-range", "times lie between 1601 and 9999, where Windows keeps them",
        "The time is not kept; set another when building the layer.");

    /// <summary>Attributes are known.</summary>
    public static LayerRule UnknownAttributes { get; } =
        Note("WCL2364", "lint-unknown-attributes", "attributes are bits that Windows documents", Nothing);

    /// <summary>Attributes can be set.</summary>
    public static LayerRule LostAttributes { get; } =
        Note("WCL2365", "lint-lost-attributes", "attributes are ones that writing a file sets",
        "The file is written plain; nothing but its size on the disk differs.");

    /// <summary>A reparse point has its data.</summary>
    public static LayerRule ReparseAttribute { get; } =
        Warning("WCL2366", "lint-reparse-attribute", "the reparse attribute and reparse data come together",
        "Build the layer with a tool that records both.");

    /// <summary>Reparse points are links.</summary>
    public static LayerRule ReparseTag { get; } =
        Note("WCL2367", "lint-reparse-tag", "a reparse point is a symbolic link or a mount point",
        "The driver that understands the tag must be in the image.");

    /// <summary>Entries lie in the known roots.</summary>
    public static LayerRule UnknownRoot { get; } =
        Warning("WCL2368", "lint-unknown-root", "entries lie in Files, Hives or UtilityVM",
        "Windows has no use for the entry; leave it out.");

    /// <summary>Roots are spelled as Windows spells them.</summary>
    public static LayerRule RootCase { get; } =
        Warning("WCL2369", "lint-root-case", "the roots are spelled Files, Hives and UtilityVM",
        "Other tools do not know the root in this spelling; rebuild the layer.");

    /// <summary>Hives are of the layer's kind.</summary>
    public static LayerRule HiveName { get; } =
        Warning("WCL2370", "lint-hive-name", "hives end in _Base in a base layer and in _Delta above it",
        "Windows passes over the hive; check that the layer is used as what it was made for.");

    /// <summary>Names fit other file systems.</summary>
    public static LayerRule LongName { get; } =
        Note("WCL2371", "lint-long-name", "a name has at most 255 bytes in UTF-8, the most that other file systems take",
        "The layer unpacks on Windows; staging it elsewhere is refused.");

    /// <summary>Nothing follows the tar's end.</summary>
    public static LayerRule TrailingData { get; } =
        Note("WCL2372", "lint-trailing-data", "nothing but zeros follows the tar's end",
        "What follows is passed over by every reader; check how the layer was made.");

    /// <summary>A Utility VM can start.</summary>
    public static LayerRule UtilityVmBoot { get; } =
        Warning("WCL2373", "lint-uvm-boot", "a base layer's Utility VM has UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi",
        "The image does not run under Hyper-V isolation.");

    /// <summary>A base layer has files.</summary>
    public static LayerRule NoFiles { get; } =
        Warning("WCL2374", "lint-no-files", "a base layer has Files",
        "Windows cannot make a base image of it; if the layer has parents, name them.");

    /// <summary>What the layers below hold is known.</summary>
    public static LayerRule ParentsUnknown { get; } =
        Note("WCL2375", "lint-parents-unknown", "links and removals are checked against the layers below",
        "Name the layers below to have it checked.");

    /// <summary>Whiteouts are empty.</summary>
    public static LayerRule WhiteoutData { get; } =
        Warning("WCL2376", "lint-whiteout-data", "a whiteout is an empty file",
        "What the whiteout holds is passed over; if it was meant to be a file, give it another name.");

    /// <summary>Links can be followed.</summary>
    public static LayerRule LinkData { get; } =
        Warning("WCL2377", "lint-link-data", "a symbolic link or mount point names where it leads as Windows takes it",
        "Windows refuses the link, or follows it to nowhere; build the layer with a tool that makes the link anew.");

    private static LayerRule Warning(string code, string name, string summary, string remedy) =>
        new(code, name, RuleSeverity.Warning, summary, remedy);

    private static LayerRule Note(string code, string name, string summary, string remedy) =>
        new(code, name, RuleSeverity.Note, summary, remedy);
}
