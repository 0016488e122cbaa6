using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;

namespace WinLayers.Writing;

/// <summary>Rules about a layer's shape: which entries may follow which, links, removals, the Utility VM.</summary>
public static class LayerRules
{
    private const string Rebuild = "Rebuild the layer without this entry.";
    private const string OnceOnly = "Rebuild the layer so that every path has one entry; Windows does not tell names apart by letter case.";

    /// <summary>A path has one entry.</summary>
    public static LayerRule Duplicate { get; } =
        Error("WCL2301", "shape-duplicate", "a path has one entry, whatever its letter case", OnceOnly);

    /// <summary>What an entry lies in is a directory.</summary>
    public static LayerRule NotADirectory { get; } =
        Error("WCL2302", "shape-not-a-directory", "what an entry lies in is a directory", Rebuild);

    /// <summary>Nothing lies below a reparse point.</summary>
    public static LayerRule ThroughReparsePoint { get; } =
        Error("WCL2303", "shape-through-reparse-point", "nothing lies below a directory that is a reparse point",
        "Put the entry where the reparse point leads.");

    /// <summary>A directory comes before what lies in it.</summary>
    public static LayerRule MissingParent { get; } =
        Warning("WCL2304", "shape-missing-parent", "a directory has an entry before what lies in it",
        "Other tools refuse the layer; WinLayers makes the directory. Add directory entries when building the layer.");

    /// <summary>There are not too many directories without an entry.</summary>
    public static LayerRule ImpliedDirectories { get; } =
        Error("WCL2305", "shape-implied-directories", "a layer leaves out no more directories than allowed",
        "Add directory entries when building the layer, or raise the limit if you trust it.");

    /// <summary>Names can be made on Windows.</summary>
    public static LayerRule WindowsCharacter { get; } =
        Error("WCL2306", "shape-windows-character", "a name holds none of < > \" | ? *, which Windows cannot make",
        "Rename the file and rebuild the layer.");

    /// <summary>No name is one that the transport folder needs itself.</summary>
    public static LayerRule MarkerName { get; } =
        Error("WCL2307", "shape-marker-name", "no name above the base ends in .$wcidirs$, which marks directories on their way to Windows",
        "Rename the file and rebuild the layer.");

    /// <summary>A directory with contents is no reparse point.</summary>
    public static LayerRule ReparsePointWithContents { get; } =
        Error("WCL2308", "shape-reparse-point-with-contents", "a directory that has contents does not turn into a reparse point", Rebuild);

    /// <summary>A link leads to a file.</summary>
    public static LayerRule LinkToNothing { get; } =
        Error("WCL2310", "link-to-nothing", "a hard link leads to a file of this layer or of one below it",
        "Unpack the layer over the parents it was made for, or rebuild it with the file in place of the link.");

    /// <summary>A link does not lead to a directory.</summary>
    public static LayerRule LinkToDirectory { get; } =
        Error("WCL2311", "link-to-directory", "a hard link leads to a file, not to a directory", Rebuild);

    /// <summary>Links stay in their area.</summary>
    public static LayerRule LinkOutside { get; } =
        Error("WCL2312", "link-outside",
        "a hard link leads from and to Files, or from and to UtilityVM/Files; in a base layer, from and to the same root", Rebuild);

    /// <summary>
    /// What <see cref="LinkOutside"/> says of a link. Tools that put a plain tar's names below Files may leave its links' targets.
    /// </summary>
    internal static string DescribeOutside(LayerEntry entry)
    {
        string leads = $"the link leads from '{entry.Path}' to '{entry.LinkTarget}'";
        return entry.Path.Area is LayerArea.Files && entry.LinkTarget.Area is LayerArea.Other
            ? $"{leads}, which lacks '{LayerRoots.Files}' in front: the tool that put the names there (as " +
                "'crane append' does) left the link's target"
            : leads;
    }

    /// <summary>Links do not lead to one another in a circle.</summary>
    public static LayerRule LinkLoop { get; } = Error("WCL2313", "link-loop", "hard links do not lead to one another in a circle", Rebuild);

    /// <summary>A link comes after its target.</summary>
    public static LayerRule LinkOrder { get; } =
        Error("WCL2314", "link-order", "a hard link comes after the file it leads to",
        "Other tools refuse the layer; WinLayers makes the link at the end. Put links after their targets when building the layer.");

    /// <summary>A link takes the place of no file of the same layer.</summary>
    public static LayerRule LinkOverFile { get; } =
        Warning("WCL2315", "link-over-file", "a hard link takes the place of no file of the same layer",
        "The file's contents are lost; leave out one of the two entries.");

    /// <summary>A base layer removes nothing.</summary>
    public static LayerRule WhiteoutInBase { get; } =
        Error("WCL2320", "whiteout-in-base", "a layer without parents removes nothing",
        "Unpack the layer over its parents, or rebuild it without whiteouts.");

    /// <summary>Whiteouts stay in Files and the Utility VM's files.</summary>
    public static LayerRule WhiteoutOutside { get; } =
        Error("WCL2321", "whiteout-outside", "a whiteout is of something below Files or UtilityVM/Files", Rebuild);

    /// <summary>A whiteout is of something that is there.</summary>
    public static LayerRule WhiteoutOfNothing { get; } =
        Note("WCL2322", "whiteout-of-nothing", "a whiteout is of something that the layers below have",
        "Nothing happens; leave the whiteout out.");

    /// <summary>A layer does not add and remove the same file.</summary>
    public static LayerRule WhiteoutOfOwnFile { get; } =
        Warning("WCL2323", "whiteout-of-own-file", "a layer does not both add and remove a file",
        "Removals follow the import whatever the order of the entries: the file is gone. Leave out one of the two entries.");

    /// <summary>A layer does not add and remove the same directory.</summary>
    public static LayerRule WhiteoutOfOwnDirectory { get; } =
        Error("WCL2324", "whiteout-of-own-directory", "a layer does not both add and remove a directory",
        "Removals follow the import, and setting the times of a removed directory fails. Name the contents to remove instead of " +
            "the directory, or use an opaque marker.");

    /// <summary>An opaque marker is expanded.</summary>
    public static LayerRule OpaqueDirectory { get; } =
        Error("WCL2325", "whiteout-opaque", "Windows has no opaque directories",
        "Other tools refuse the marker or take it for a file; WinLayers removes the directory's contents one by one.");

    /// <summary>Changes of the Utility VM follow its entry.</summary>
    public static LayerRule UtilityVmMissing { get; } =
        Error("WCL2330", "uvm-missing-directory", "above the base, an entry for UtilityVM comes before what lies in it",
        "Add a directory entry UtilityVM when building the layer.");

    /// <summary>The Utility VM has its Files alone.</summary>
    public static LayerRule UtilityVmShape { get; } =
        Error("WCL2331", "uvm-outside-files", "above the base, everything in UtilityVM lies below UtilityVM/Files", Rebuild);

    /// <summary>A changed Utility VM is one that a parent has.</summary>
    public static LayerRule UtilityVmNowhere { get; } =
        Error("WCL2332", "uvm-no-parent", "a layer that changes the Utility VM has a parent with UtilityVM/Files",
        "Unpack the layer over the parents it was made for.");

    /// <summary>What is removed from the Utility VM is there.</summary>
    public static LayerRule UtilityVmWhiteoutOfNothing { get; } =
        Error("WCL2333", "uvm-whiteout-of-nothing", "what a layer removes from the Utility VM is there",
        "Unpack the layer over the parents it was made for.");

    /// <summary>A hive has data alone.</summary>
    public static LayerRule HiveStream { get; } =
        Warning("WCL2340", "hive-stream", "a registry hive has no alternate streams",
        "The transport folder cannot hold the stream; rebuild the layer without it.");

    /// <summary>Names fit the file system that the transport folder is on.</summary>
    public static LayerRule TransportNameLength { get; } =
        Error("WCL2341", "transport-name-length",
        "a name, with the ending that marks a directory, fits the file system of the transport folder",
        "Stage the layer on Windows, where names have 255 UTF-16 units instead of 255 bytes, or shorten the name.");

    /// <summary>A base layer is not staged.</summary>
    public static LayerRule StagedBase { get; } =
        Error("WCL2346", "stage-base-layer", "a layer that is staged has parents",
        "A base layer never travels through a transport folder: unpack it; on Windows it is written in place. If the layer has " +
            "parents, name their folders, nearest first.");

    private static LayerRule Error(string code, string name, string summary, string remedy) =>
        new(code, name, RuleSeverity.Error, summary, remedy);

    private static LayerRule Warning(string code, string name, string summary, string remedy) =>
        new(code, name, RuleSeverity.Warning, summary, remedy);

    private static LayerRule Note(string code, string name, string summary, string remedy) =>
        new(code, name, RuleSeverity.Note, summary, remedy);
}
