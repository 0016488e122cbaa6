namespace WinLayers.Hosts.Portable;

/// <summary>Rules that a layer breaks where it meets what already stands in its folder.</summary>
public static class PortableRules
{
    private const string Rebuild = "The tool that made the layer wrote entries that contradict each other; rebuild the layer.";

    /// <summary>A name stands once in a layer, whatever its letter case.</summary>
    public static LayerRule NameTaken { get; } = new("WCL2380", "entry-duplicate", RuleSeverity.Error, "a name stands once in a layer, whatever its letter case", Rebuild);

    /// <summary>An entry's parent stands before it.</summary>
    public static LayerRule ParentMissing { get; } = new("WCL2381", "entry-parent-missing", RuleSeverity.Error, "an entry's directory stands before it", Rebuild);

    /// <summary>What an entry lies in is a directory.</summary>
    public static LayerRule ParentIsFile { get; } = new("WCL2382", "entry-below-file", RuleSeverity.Error, "an entry lies in a directory, not in a file", Rebuild);

    /// <summary>Nothing lies below a reparse point.</summary>
    public static LayerRule BelowReparsePoint { get; } = new("WCL2383", "entry-below-reparse", RuleSeverity.Error, "nothing is written through a reparse point", Rebuild);

    /// <summary>A directory that becomes a reparse point is empty.</summary>
    public static LayerRule ReparseNotEmpty { get; } = new("WCL2384", "reparse-not-empty", RuleSeverity.Error, "a directory that becomes a reparse point is empty", Rebuild);

    /// <summary>A hard link leads to a file that is there.</summary>
    public static LayerRule LinkTarget { get; } = new("WCL2385", "link-target", RuleSeverity.Error, "a hard link leads to a file that is there", Rebuild);
}
