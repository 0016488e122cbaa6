using System.Text;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Fuzzing.Ntfs;

/// <summary>Security descriptors as SDDL text.</summary>
internal sealed class SddlTarget : FuzzTarget
{
    public override string Name => "sddl";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        "O:BAG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)"u8.ToArray(),
        "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:SYD:PAI(A;OICIIO;GA;;;CO)(A;;1179817;;;AC)S:(ML;;NW;;;ME)(AU;SAFA;WD;;;WD)"u8.ToArray(),
        "D:(OA;CI;RP;00112233-4455-6677-8899-aabbccddeeff;;AU)(OD;;WP;;00112233-4455-6677-8899-aabbccddeeff;WD)"u8.ToArray(),
        "D:NO_ACCESS_CONTROLS:"u8.ToArray(),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "O:", "G:", "D:", "S:", "(", ")", ";", "(A;;FA;;;BA)", "P", "AR", "AI", "NO_ACCESS_CONTROL", "A", "D", "AU", "AL", "OA", "OD",
                "OU", "ML", "SP",
            "XA", "RA", "OICI", "NP", "IO", "ID", "SAFA", "GA", "FR", "KA", "CCDC", "0x", "0x1f01ff", "017", "4294967295", "BA", "DA",
                "LA", "S-1-5-18",
            "S-1-0xFFFFFFFFFFFF-1", "-4294967295", "-0", "{", "}", "\"", " ", "00112233-4455-6677-8899-aabbccddeeff",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        SecurityDescriptor made = SecurityDescriptor.FromSddl(Encoding.UTF8.GetString(input));
        Require(SecurityDescriptor.FromBytes(made.Bytes.Span).Equals(made), "what is made is read");
        Require(made.ToSddl() is { } text && SecurityDescriptor.FromSddl(text).Equals(made), "what is said is said again");
    }
}
