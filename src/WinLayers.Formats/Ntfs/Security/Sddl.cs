namespace WinLayers.Formats.Ntfs.Security;

/// <summary>The words of SDDL besides SIDs. Order matters where text is made from numbers: the first that fits is taken.</summary>
internal static class Sddl
{
    public const string NullAcl = "NO_ACCESS_CONTROL";

    /// <summary>Flags of an access control entry.</summary>
    public static readonly (string Name, byte Value)[] AceFlags =
    [
        ("OI", 0x01), // object inherit
        ("CI", 0x02), // container inherit
        ("NP", 0x04), // no propagation
        ("IO", 0x08), // inherit only
        ("ID", 0x10), // inherited
        ("CR", 0x20), // critical
        ("SA", 0x40), // audit successes
        ("FA", 0x80), // audit failures
    ];

    /// <summary>Access rights.</summary>
    public static readonly (string Name, uint Value)[] Rights =
    [
        ("GA", 0x1000_0000), ("GR", 0x8000_0000), ("GW", 0x4000_0000), ("GX", 0x2000_0000),
        ("FA", 0x001F_01FF), ("FR", 0x0012_0089), ("FW", 0x0012_0116), ("FX", 0x0012_00A0),
        ("KA", 0x000F_003F), ("KR", 0x0002_0019), ("KW", 0x0002_0006), ("KX", 0x0002_0019),
        ("RC", 0x0002_0000), ("SD", 0x0001_0000), ("WD", 0x0004_0000), ("WO", 0x0008_0000),
        ("CC", 0x0001), ("DC", 0x0002), ("LC", 0x0004), ("SW", 0x0008), ("RP", 0x0010), ("WP", 0x0020), ("DT", 0x0040), ("LO", 0x0080),
            ("CR", 0x0100),
        ("NW", 0x0001), ("NR", 0x0002), ("NX", 0x0004),
    ];

    /// <summary>Types of access control entries; those that hold more than SDDL of this library says are known to be refused.</summary>
    public static readonly (string Name, AceType Type)[] AceTypes =
    [
        ("A", AceType.Allow), ("D", AceType.Deny), ("AU", AceType.Audit), ("AL", AceType.Alarm),
        ("OA", AceType.ObjectAllow), ("OD", AceType.ObjectDeny), ("OU", AceType.ObjectAudit), ("OL", AceType.ObjectAlarm),
        ("ML", AceType.MandatoryLabel), ("SP", AceType.ScopedPolicy), ("TL", AceType.ProcessTrustLabel),
        ("XA", AceType.CallbackAllow), ("XD", AceType.CallbackDeny), ("XU", AceType.CallbackAudit), ("ZA", AceType.CallbackObjectAllow),
        ("RA", AceType.ResourceAttribute), ("FL", AceType.AccessFilter),
    ];

    /// <summary>Whether SDDL of this library can say an entry of this type.</summary>
    public static bool CanSay(AceType type) =>
        type is (<= AceType.ObjectAlarm and not AceType.AllowCompound)
            or AceType.MandatoryLabel or AceType.ScopedPolicy or AceType.ProcessTrustLabel;

    /// <summary>Whether an entry of this type belongs into the DACL; all others belong into the SACL.</summary>
    public static bool IsAccess(AceType type) => type is AceType.Allow or AceType.Deny or AceType.ObjectAllow or AceType.ObjectDeny;

    public static LayerRefusedException Broken(string detail) => new(SecurityRules.Sddl, $"the SDDL text is broken: {detail}");
}
