namespace WinLayers.Formats.Names;

/// <summary>Rules about names inside a layer.</summary>
public static class NameRules
{
    private const string RenameIt = "Rebuild the layer without this entry, or with another name for it.";

    /// <summary>No component is <c>..</c>.</summary>
    public static LayerRule Traversal { get; } =
        new("WCL2001", "name-traversal", RuleSeverity.Error, "a name may not climb out of its directory", RenameIt);

    /// <summary>No name starts at a root.</summary>
    public static LayerRule Rooted { get; } =
        new("WCL2002", "name-rooted", RuleSeverity.Error, "a name is relative to the layer's root", RenameIt);

    /// <summary>No control characters: C0, U+007F and C1.</summary>
    public static LayerRule ControlCharacter { get; } =
        new("WCL2003", "name-control", RuleSeverity.Error,
            "a name holds no control characters: none below U+0020, not U+007F, none of U+0080 to U+009F", RenameIt);

    /// <summary>No backslash inside a component.</summary>
    public static LayerRule Backslash { get; } =
        new("WCL2004", "name-backslash", RuleSeverity.Error, "tar names separate components with '/'",
        "The tool that made the layer wrote Windows separators; rebuild it with '/'.");

    /// <summary>A colon only for alternate streams, right after their file.</summary>
    public static LayerRule Colon { get; } =
        new("WCL2005", "name-colon", RuleSeverity.Error, "':' names an alternate stream of the entry right before", RenameIt);

    /// <summary>Components have at most 255 UTF-16 units.</summary>
    public static LayerRule ComponentLength { get; } =
        new("WCL2006", "name-component-length", RuleSeverity.Error, "a component has at most 255 UTF-16 units", RenameIt);

    /// <summary>Paths have at most 32,767 UTF-16 units.</summary>
    public static LayerRule PathLength { get; } =
        new("WCL2007", "name-path-length", RuleSeverity.Error, "a path has at most 32,767 UTF-16 units", RenameIt);

    /// <summary>Names are well-formed UTF-8.</summary>
    public static LayerRule Encoding { get; } =
        new("WCL2008", "name-encoding", RuleSeverity.Error, "a name is well-formed UTF-8", RenameIt);

    /// <summary>A component is not empty.</summary>
    public static LayerRule Component { get; } = new("WCL2009", "name-component", RuleSeverity.Error, "a component is a name", RenameIt);

    /// <summary>Paths have at most 1,024 components.</summary>
    public static LayerRule Depth { get; } =
        new("WCL2010", "name-depth", RuleSeverity.Error, "a path has at most 1,024 components", RenameIt);
}
