namespace WinLayers.Formats.Ntfs.Security;

/// <summary>Rules about security descriptors.</summary>
public static class SecurityRules
{
    private const string RebuildIt =
        "Rebuild the layer from its source; the tool that wrote this record is broken or the layer was tampered with.";

    /// <summary>A security descriptor is a well-formed self-relative one.</summary>
    public static LayerRule Descriptor { get; } =
        new("WCL2200", "security-descriptor", RuleSeverity.Error, "a security descriptor is self-relative and whole", RebuildIt);

    /// <summary>A security descriptor keeps to its limit.</summary>
    public static LayerRule DescriptorSize { get; } =
        new("WCL2201", "security-descriptor-size", RuleSeverity.Error, "a security descriptor keeps to its limit", RebuildIt);

    /// <summary>SDDL text follows its grammar.</summary>
    public static LayerRule Sddl { get; } =
        new("WCL2202", "sddl", RuleSeverity.Error, "a security descriptor in SDDL follows its grammar",
            "Correct the text, or record the descriptor as MSWINDOWS.rawsd.");

    /// <summary>SDDL text says nothing that needs a domain, a machine or conditional expressions.</summary>
    public static LayerRule SddlUnsupported { get; } =
        new("WCL2203", "sddl-unsupported", RuleSeverity.Error, "a security descriptor in SDDL means the same on every machine",
            "Write the SID out (S-1-5-21-…), or record the descriptor as MSWINDOWS.rawsd.");
}
