using System.Collections.Frozen;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Ntfs.Security;

/// <summary>The SIDs that SDDL text names: written out, or by their two letters.</summary>
internal static class SddlSids
{
    // Those that are the same on every machine. (SDDL SID strings; the numbers are those of the well-known SID structures.)
    private static readonly FrozenDictionary<string, string> WellKnown = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["AA"] = "S-1-5-32-579", // access control assistance operators
        ["AC"] = "S-1-15-2-1", // all application packages
        ["AN"] = "S-1-5-7", // anonymous
        ["AO"] = "S-1-5-32-548", // account operators
        ["AS"] = "S-1-18-1", // asserted by an authentication authority
        ["AU"] = "S-1-5-11", // authenticated users
        ["BA"] = "S-1-5-32-544", // administrators
        ["BG"] = "S-1-5-32-546", // guests
        ["BO"] = "S-1-5-32-551", // backup operators
        ["BU"] = "S-1-5-32-545", // users
        ["CD"] = "S-1-5-32-574", // certificate service DCOM access
        ["CG"] = "S-1-3-1", // creator group
        ["CO"] = "S-1-3-0", // creator owner
        ["CY"] = "S-1-5-32-569", // cryptographic operators
        ["ED"] = "S-1-5-9", // enterprise domain controllers
        ["ER"] = "S-1-5-32-573", // event log readers
        ["ES"] = "S-1-5-32-576", // RDS endpoint servers
        ["HA"] = "S-1-5-32-578", // Hyper-V administrators
        ["HI"] = "S-1-16-12288", // high integrity
        ["HO"] = "S-1-5-32-584", // user mode hardware operators
        ["IS"] = "S-1-5-32-568", // IIS_IUSRS
        ["IU"] = "S-1-5-4", // interactive
        ["LS"] = "S-1-5-19", // local service
        ["LU"] = "S-1-5-32-559", // performance log users
        ["LW"] = "S-1-16-4096", // low integrity
        ["ME"] = "S-1-16-8192", // medium integrity
        ["MP"] = "S-1-16-8448", // medium plus integrity
        ["MS"] = "S-1-5-32-577", // RDS management servers
        ["MU"] = "S-1-5-32-558", // performance monitor users
        ["NO"] = "S-1-5-32-556", // network configuration operators
        ["NS"] = "S-1-5-20", // network service
        ["NU"] = "S-1-5-2", // network
        ["OW"] = "S-1-3-4", // owner rights
        ["PO"] = "S-1-5-32-550", // printer operators
        ["PS"] = "S-1-5-10", // principal self
        ["PU"] = "S-1-5-32-547", // power users
        ["RA"] = "S-1-5-32-575", // RDS remote access servers
        ["RC"] = "S-1-5-12", // restricted code
        ["RD"] = "S-1-5-32-555", // remote desktop users
        ["RE"] = "S-1-5-32-552", // replicator
        ["RM"] = "S-1-5-32-580", // remote management users
        ["RU"] = "S-1-5-32-554", // pre-Windows 2000 compatible access
        ["SH"] = "S-1-5-32-585", // OpenSSH users
        ["SI"] = "S-1-16-16384", // system integrity
        ["SO"] = "S-1-5-32-549", // server operators
        ["SS"] = "S-1-18-2", // asserted by a service
        ["SU"] = "S-1-5-6", // service
        ["SY"] = "S-1-5-18", // local system
        ["UD"] = "S-1-5-84-0-0-0-0-0", // user mode drivers
        ["WD"] = "S-1-1-0", // everyone
        ["WR"] = "S-1-5-33", // write restricted code
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Those that Windows completes with the SID of its domain or of the machine itself: a layer belongs to neither.
    private static readonly FrozenSet<string> Relative =
        FrozenSet.Create(
            StringComparer.OrdinalIgnoreCase,
            "AP", "CA", "CN", "DA", "DC", "DD", "DG", "DU", "EA", "EK", "KA", "LA", "LG", "PA", "RO", "RS", "SA");

    private static readonly FrozenDictionary<string, string> Aliases =
        WellKnown.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The SID that the text names.</summary>
    /// <exception cref="LayerRefusedException">It names none, or one that differs from machine to machine.</exception>
    public static Sid Parse(ReadOnlySpan<char> text)
    {
        if (WellKnown.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out string? written))
            return Sid.TryParse(written, out Sid known) ? known
                : throw new InvalidOperationException($"'{written}' in the table of SIDs is none.");
        if (Relative.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text))
        {
            throw new LayerRefusedException(
                SecurityRules.SddlUnsupported, $"the SID '{text}' means an account of one domain or machine, and a layer knows none");
        }

        return Sid.TryParse(text, out Sid sid) ? sid
            : throw new LayerRefusedException(SecurityRules.Sddl, $"'{SafeText.Excerpt(text)}' is no SID");
    }

    /// <summary>The shortest text that names the SID.</summary>
    public static string Name(Sid sid) => sid.ToString() is var text && Aliases.TryGetValue(text, out string? alias) ? alias : text;
}
