namespace WinLayers.Formats.Ntfs;

/// <summary>Rules about the metadata that NTFS keeps beside names and contents.</summary>
public static class NtfsRules
{
    private const string RebuildIt =
        "Rebuild the layer from its source; the tool that wrote this record is broken or the layer was tampered with.";

    /// <summary>Extended attributes are a well-formed FILE_FULL_EA_INFORMATION list.</summary>
    public static LayerRule ExtendedAttributes { get; } =
        new("WCL2210", "extended-attributes", RuleSeverity.Error, "extended attributes are a well-formed list", RebuildIt);

    /// <summary>Extended attributes keep to their limit.</summary>
    public static LayerRule ExtendedAttributesSize { get; } =
        new("WCL2211", "extended-attributes-size", RuleSeverity.Error, "extended attributes keep to their limit",
            "Drop attributes that the image does not need.");

    /// <summary>A reparse point is a well-formed REPARSE_DATA_BUFFER.</summary>
    public static LayerRule Reparse { get; } =
        new("WCL2220", "reparse-point", RuleSeverity.Error, "a reparse point is a well-formed buffer", RebuildIt);

    /// <summary>A reparse point keeps to its limit.</summary>
    public static LayerRule ReparseSize { get; } =
        new("WCL2221", "reparse-point-size", RuleSeverity.Error, "a reparse point keeps to its limit", "Shorten the link's target.");

    /// <summary>A backup stream is a sequence of well-formed records.</summary>
    public static LayerRule BackupStream { get; } =
        new("WCL2230", "backup-stream", RuleSeverity.Error, "a backup stream is a sequence of well-formed records", RebuildIt);

    /// <summary>Contents are as long as announced.</summary>
    public static LayerRule BackupStreamShort { get; } =
        new("WCL2231", "backup-stream-short", RuleSeverity.Error, "contents are as long as announced",
            "The layer or the staged file is cut short; fetch or stage it again.");

    /// <summary>An alternate stream has a name that NTFS takes.</summary>
    public static LayerRule StreamName { get; } =
        new("WCL2232", "stream-name", RuleSeverity.Error,
            "an alternate stream has a name of 1 to 255 UTF-16 units without ':', '\\', '/' or NUL",
            "Rebuild the layer without this stream, or with another name for it.");
}
