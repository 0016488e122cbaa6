
namespace WinLayers.Formats.Tar;

/// <summary>Rules about the tar itself and its PAX records.</summary>
public static class TarRules
{
    private const string BuildAgain = "The layer is damaged or no tar; fetch it or build it again.";
    private const string PackAgain = "Pack the layer again with a tool that writes plain PAX archives.";

    /// <summary>The tar does not end in the middle of something.</summary>
    public static LayerRule Truncated { get; } = Error("WCL2101", "tar-truncated", "a tar ends at the end of an entry", BuildAgain);

    /// <summary>Every header's checksum is right.</summary>
    public static LayerRule Checksum { get; } = Error("WCL2102", "tar-checksum", "a header's checksum is the sum of its bytes", BuildAgain);

    /// <summary>Sizes and times in headers are numbers.</summary>
    public static LayerRule Number { get; } =
        Error("WCL2103", "tar-number", "sizes and times in a header are octal or base-256 numbers in range", BuildAgain);

    /// <summary>The end is two zero blocks, or the end of the stream.</summary>
    public static LayerRule End { get; } = Error("WCL2104", "tar-end", "nothing but zero blocks follows a zero block", BuildAgain);

    /// <summary>Extended headers and long names stand once and right before their entry, and agree.</summary>
    public static LayerRule HeaderOrder { get; } =
        Error("WCL2105", "tar-header-order",
        "extended headers and long names stand once, right before their entry, and do not contradict each other", PackAgain);

    /// <summary>Entries are files, directories and links.</summary>
    public static LayerRule EntryType { get; } =
        Error("WCL2106", "tar-entry-type", "a layer holds files, directories and links alone",
        "Rebuild the layer without devices, pipes and the like.");

    /// <summary>No sparse entries.</summary>
    public static LayerRule Sparse { get; } =
        Error("WCL2107", "tar-sparse", "no entry is stored sparse", "Pack the layer again without sparse files.");

    /// <summary>There are not too many entries.</summary>
    public static LayerRule EntryCount { get; } =
        Error("WCL2108", "tar-entry-count", "a layer has no more entries than allowed", "Raise the limit if you trust the layer.");

    /// <summary>An entry has a name.</summary>
    public static LayerRule Name { get; } = Error("WCL2109", "tar-name", "an entry has a name", PackAgain);

    /// <summary>PAX headers and long names are not too long.</summary>
    public static LayerRule PaxSize { get; } =
        Error("WCL2110", "pax-size", "an entry's extended header is no longer than allowed", "Raise the limit if you trust the layer.");

    /// <summary>PAX records are <c>length key=value</c> lines.</summary>
    public static LayerRule PaxSyntax { get; } =
        Error("WCL2111", "pax-syntax", "a PAX record is its length, a key, '=', a value and a line feed", BuildAgain);

    /// <summary>A global header holds nothing that only one entry can have.</summary>
    public static LayerRule PaxGlobal { get; } =
        Error("WCL2112", "pax-global", "a global PAX header holds no name, link or size", PackAgain);

    /// <summary>PAX times are decimal seconds.</summary>
    public static LayerRule PaxTime { get; } = Error("WCL2113", "pax-time", "a PAX time is decimal seconds", PackAgain);

    /// <summary>PAX sizes are decimal.</summary>
    public static LayerRule PaxNumber { get; } = Error("WCL2114", "pax-number", "a PAX size is a decimal number in range", PackAgain);

    /// <summary>Attributes are a decimal number of 32 bits.</summary>
    public static LayerRule Attributes { get; } =
        Error("WCL2115", "pax-fileattr", "MSWINDOWS.fileattr is a decimal number of 32 bits", PackAgain);

    /// <summary>Binary values are base64.</summary>
    public static LayerRule Base64 { get; } = Error("WCL2116", "pax-base64", "a binary MSWINDOWS record is base64", PackAgain);

    /// <summary>What global headers give every entry is not too much for all of them together.</summary>
    public static LayerRule PaxMultiplied { get; } =
        Error("WCL2117", "pax-multiplied",
            "global PAX headers give the entries no more bytes of metadata than allowed, counted for each entry",
        "Give each entry its own records, or raise the limit if you trust the layer.");

    /// <summary>The type and the attributes of an entry agree.</summary>
    public static LayerRule KindConflict { get; } =
        Error("WCL2120", "tar-kind", "an entry's type agrees with its name, size and directory attribute", PackAgain);

    /// <summary>The root is a directory.</summary>
    public static LayerRule RootEntry { get; } =
        Error("WCL2121", "tar-root-entry", "the layer's root is a directory and nothing else", PackAgain);

    /// <summary>A link has a target.</summary>
    public static LayerRule LinkTarget { get; } = Error("WCL2122", "tar-link-target", "a link has a target", PackAgain);

    /// <summary>Whiteouts are regular files that name a sibling. What one holds is passed over; the linter tells of it.</summary>
    public static LayerRule Whiteout { get; } =
        Error("WCL2123", "tar-whiteout", "a whiteout is a regular file, .wh. and the name that goes", PackAgain);

    /// <summary>Alternate streams are regular files with a stream's name, each once.</summary>
    public static LayerRule AlternateStream { get; } =
        Error("WCL2124", "tar-stream", "an alternate stream is a regular file named <file>:<stream>, each once", PackAgain);

    /// <summary>
    /// A tar has an end. Some tools write none, so a layer without one is taken; but then nothing in the tar tells a whole one from one
    /// cut between two entries.
    /// </summary>
    public static LayerRule NoEnd { get; } = new(
        "WCL2125", "tar-no-end", RuleSeverity.Warning,
            "a tar ends with two blocks of zeros; without them it may have been cut between two entries",
        "If the layer's digest or DiffID was verified, nothing is missing. Otherwise compare it with where the layer comes from; fetch " +
            "it or build it again where they differ.");

    private static LayerRule Error(string code, string name, string summary, string remedy) =>
        new(code, name, RuleSeverity.Error, summary, remedy);
}
