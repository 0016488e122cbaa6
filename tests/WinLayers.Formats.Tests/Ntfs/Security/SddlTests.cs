using WinLayers.Formats.Ntfs.Security;
using static WinLayers.Formats.Tests.Ntfs.Security.DescriptorBytes;

namespace WinLayers.Formats.Tests.Ntfs.Security;

public sealed class SddlTests
{
    // The descriptor that the reference made of this text (golden case base-sddl), on record there as base64.
    private const string ReferenceText = "O:BAG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)";
    private const string ReferenceBase64 =
        "AQAEgBQAAAAkAAAAAAAAADAAAAABAgAAAAAABSAAAAAgAgAAAQEAAAAAAAUSAAAAAgBMAAMAAAAAABgA/wEfAAECAAAAAAAFIAAAACACAAAAABQA/wEf"
        + "AAEBAAAAAAAFEgAAAAAAGACpABIAAQIAAAAAAAUgAAAAIQIAAA==";

    public static TheoryData<string, byte[]> Known => new()
    {
        { ReferenceText, Convert.FromBase64String(ReferenceBase64) },
        { "", Descriptor(0x8000) },
        { "O:SY", Descriptor(0x8000, owner: LocalSystem) },
        { "G:BA", Descriptor(0x8000, group: Administrators) },
        { "O:BAG:SY", Descriptor(0x8000, Administrators, LocalSystem) },
        { "G:SYO:BA", Descriptor(0x8000, Administrators, LocalSystem) },
        { "O:S-1-5-32-544G:S-1-5-18", Descriptor(0x8000, Administrators, LocalSystem) },
        { "o:bag:syd:(a;;fa;;;wd)", Descriptor(0x8004, Administrators, LocalSystem, dacl: Acl(2, Ace(0, 0, 0x1F01FF, Everyone))) },
        { " O:BA G:SY D: (A; ; FA; ; ; WD) ",
            Descriptor(0x8004, Administrators, LocalSystem, dacl: Acl(2, Ace(0, 0, 0x1F01FF, Everyone))) },
        { "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", Descriptor(0x8000, TrustedInstaller) },
        { "O:S-1-5-21-1-2-4294967295-500", Descriptor(0x8000, Hex("01 05 000000000005 15000000 01000000 02000000 FFFFFFFF F4010000")) },
        { "O:S-1-0x0123456789AB-7", Descriptor(0x8000, Hex("01 01 0123456789AB 07000000")) },
        { "O:S-1-4294967296-7", Descriptor(0x8000, Hex("01 01 000100000000 07000000")) },
        { "D:", Descriptor(0x8004, dacl: Acl(2)) },
        { "S:", Descriptor(0x8010, sacl: Acl(2)) },
        { "D:NO_ACCESS_CONTROL", Descriptor(0x8004) },
        { "D:PNO_ACCESS_CONTROL", Descriptor(0x9004) },
        { "D:P", Descriptor(0x9004, dacl: Acl(2)) },
        { "D:AI", Descriptor(0x8404, dacl: Acl(2)) },
        { "D:AR", Descriptor(0x8104, dacl: Acl(2)) },
        { "D:PARAI", Descriptor(0x9504, dacl: Acl(2)) },
        { "S:PARAI", Descriptor(0xAA10, sacl: Acl(2)) },
        { "D:PAIS:AI", Descriptor(0x9C14, sacl: Acl(2), dacl: Acl(2)) },
        { "D:(D;;GA;;;AN)", Descriptor(0x8004, dacl: Acl(2, Ace(1, 0, 0x10000000, Anonymous))) },
        {
            "D:(A;OICI;GR;;;AU)(A;OICIIO;GX;;;CO)(A;NP;GW;;;CG)(A;OICIID;GA;;;LS)",
            Descriptor(0x8004,
                dacl: Acl(2, Ace(0, 3, 0x80000000, AuthenticatedUsers), Ace(0, 0x0B, 0x20000000, CreatorOwner),
                Ace(0, 4, 0x40000000, CreatorGroup), Ace(0, 0x13, 0x10000000, LocalService)))
        },
        { "S:(AU;SAFA;WDWO;;;WD)", Descriptor(0x8010, sacl: Acl(2, Ace(2, 0xC0, 0x000C0000, Everyone))) },
        { "S:(AU;OICISA;FW;;;NU)(AL;FA;SD;;;IU)",
            Descriptor(0x8010, sacl: Acl(2, Ace(2, 0x43, 0x00120116, Network), Ace(3, 0x80, 0x00010000, Interactive))) },
        { "S:(ML;;NW;;;LW)", Descriptor(0x8010, sacl: Acl(2, Ace(0x11, 0, 1, LowIntegrity))) },
        { "S:(ML;OICI;NWNRNX;;;HI)", Descriptor(0x8010, sacl: Acl(2, Ace(0x11, 3, 7, HighIntegrity))) },
        { "S:(ML;;NR;;;ME)(ML;;NX;;;SI)",
            Descriptor(0x8010, sacl: Acl(2, Ace(0x11, 0, 2, MediumIntegrity), Ace(0x11, 0, 4, SystemIntegrity))) },
        { "S:(SP;;;;;S-1-17-22)", Descriptor(0x8010, sacl: Acl(2, Ace(0x13, 0, 0, Hex("01 01 000000000011 16000000")))) },
        { "D:(A;;0x1301bf;;;AC)(A;;0x1200A9;;;S-1-15-2-2)",
            Descriptor(0x8004, dacl: Acl(2, Ace(0, 0, 0x1301BF, AllAppPackages), Ace(0, 0, 0x1200A9, AllRestrictedAppPackages))) },
        { "D:(A;;1179817;;;BU)(A;;017;;;BG)(A;;0;;;NS)(A;;;;;SU)",
            Descriptor(0x8004,
            dacl: Acl(2, Ace(0, 0, 0x1200A9, Users), Ace(0, 0, 15, Guests), Ace(0, 0, 0, NetworkService), Ace(0, 0, 0, Service))) },
        { "D:(A;;FRFX;;;BO)(A;;FW;;;PU)",
            Descriptor(0x8004, dacl: Acl(2, Ace(0, 0, 0x1200A9, BackupOperators), Ace(0, 0, 0x120116, PowerUsers))) },
        { "D:(A;;KA;;;SY)(A;;KR;;;BU)(A;;KW;;;BA)(A;;KX;;;RC)",
            Descriptor(0x8004,
            dacl: Acl(2, Ace(0, 0, 0xF003F, LocalSystem), Ace(0, 0, 0x20019, Users), Ace(0, 0, 0x20006, Administrators),
            Ace(0, 0, 0x20019, Restricted))) },
        { "D:(A;;CCDCLCSWRPWPDTLOCR;;;PS)", Descriptor(0x8004, dacl: Acl(2, Ace(0, 0, 0x1FF, Self))) },
        { "D:(A;;SDRCWDWO;;;OW)(A;;GAGRGWGX;;;WR)(A;;CC;;;HA)",
            Descriptor(0x8004,
            dacl: Acl(2, Ace(0, 0, 0x000F0000, OwnerRights), Ace(0, 0, 0xF0000000, WriteRestricted), Ace(0, 0, 1, HyperVAdministrators))) },
        {
            "D:(OA;;RP;00112233-4455-6677-8899-aabbccddeeff;;AU)",
            Descriptor(0x8004, dacl: Acl(4, ObjectAce(5, 0, 0x10, 1, Hex("33221100554477668899AABBCCDDEEFF"), AuthenticatedUsers)))
        },
        {
            "D:(OD;CI;WP;;00112233-4455-6677-8899-aabbccddeeff;WD)(A;;RC;;;WD)",
            Descriptor(0x8004,
                dacl: Acl(4, ObjectAce(6, 2, 0x20, 2, Hex("33221100554477668899AABBCCDDEEFF"), Everyone), Ace(0, 0, 0x20000, Everyone)))
        },
        {
            "S:(OU;SA;CR;00000000-0000-0000-0000-000000000001;FFFFFFFF-FFFF-FFFF-0000-000000000000;SY)",
            Descriptor(0x8010,
                sacl: Acl(4, ObjectAce(7, 0x40, 0x100, 3, Hex("00000000000000000000000000000001FFFFFFFFFFFFFFFF0000000000000000"),
                LocalSystem)))
        },
        { "D:(OA;;RP;;;SY)", Descriptor(0x8004, dacl: Acl(4, ObjectAce(5, 0, 0x10, 0, [], LocalSystem))) },
        {
            "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:SYD:PAI(A;OICIIO;GA;;;CO)(A;;0x1301bf;;;SY)(A;;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)S:(ML;;NW;;;ME)",
            Descriptor(
                0x9414, TrustedInstaller, LocalSystem, Acl(2, Ace(0x11, 0, 1, MediumIntegrity)),
                Acl(2, Ace(0, 0x0B, 0x10000000, CreatorOwner), Ace(0, 0, 0x1301BF, LocalSystem), Ace(0, 0, 0x1F01FF, TrustedInstaller)))
        },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void FromSddl_KnownText_GivesTheDocumentedBytes(string sddl, byte[] expected) =>
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(SecurityDescriptor.FromSddl(sddl).Bytes.Span));

    [Theory]
    [MemberData(nameof(Known))]
    public void ToSddl_KnownBytes_SayThemAgain(string sddl, byte[] bytes)
    {
        string? text = SecurityDescriptor.FromBytes(bytes).ToSddl();

        Assert.NotNull(text);
        Assert.Equal(SecurityDescriptor.FromSddl(sddl), SecurityDescriptor.FromSddl(text));
    }

    [Theory]
    [InlineData("O:BAG:SYD:PAI(A;OICI;FA;;;BA)(D;;0x1301bf;;;S-1-5-21-1-2-3-500)S:(ML;;NW;;;LW)")]
    [InlineData("D:NO_ACCESS_CONTROL")]
    [InlineData("D:(OA;;RP;00112233-4455-6677-8899-aabbccddeeff;;AU)S:AR(AU;SAFA;GA;;;WD)")]
    public void ToSddl_UsualForm_IsTheTextItself(string sddl) => Assert.Equal(sddl, SecurityDescriptor.FromSddl(sddl).ToSddl());

    public static IEnumerable<TheoryDataRow<byte[]>> Unsayable =>
    [
        new(Descriptor(0x8004, dacl: Acl(2, [9, 0, 24, 0, .. UInt32(1), .. Everyone, 0x61, 0x72, 0x74, 0x78]))) { Label = "a condition" },
        new(Descriptor(0x8004, dacl: Acl(2, [0x77, 0, 8, 0, 1, 2, 3, 4]))) { Label = "an unknown type" },
        new(Descriptor(0x8010, sacl: Acl(2, Ace(0, 0, 1, Everyone)))) { Label = "an access entry in a SACL" },
        new(Descriptor(0x8004, dacl: Acl(2, [0, 0, 24, 0, .. UInt32(1), .. Everyone, 1, 2, 3, 4]))) { Label = "bytes after the SID" },
    ];

    [Theory]
    [MemberData(nameof(Unsayable))]
    public void ToSddl_WhatItCannotSay_IsNull(byte[] bytes)
    {
        Assert.Null(SecurityDescriptor.FromBytes(bytes).ToSddl());
    }

    // Relative identifiers as the Windows headers number them, for aliases that no descriptor above has.
    [Theory]
    [InlineData("AA", "S-1-5-32-579")]
    [InlineData("AO", "S-1-5-32-548")]
    [InlineData("AS", "S-1-18-1")]
    [InlineData("CD", "S-1-5-32-574")]
    [InlineData("CY", "S-1-5-32-569")]
    [InlineData("ED", "S-1-5-9")]
    [InlineData("ER", "S-1-5-32-573")]
    [InlineData("ES", "S-1-5-32-576")]
    [InlineData("HO", "S-1-5-32-584")]
    [InlineData("IS", "S-1-5-32-568")]
    [InlineData("LU", "S-1-5-32-559")]
    [InlineData("MP", "S-1-16-8448")]
    [InlineData("MS", "S-1-5-32-577")]
    [InlineData("MU", "S-1-5-32-558")]
    [InlineData("NO", "S-1-5-32-556")]
    [InlineData("PO", "S-1-5-32-550")]
    [InlineData("RA", "S-1-5-32-575")]
    [InlineData("RD", "S-1-5-32-555")]
    [InlineData("RE", "S-1-5-32-552")]
    [InlineData("RM", "S-1-5-32-580")]
    [InlineData("RU", "S-1-5-32-554")]
    [InlineData("SH", "S-1-5-32-585")]
    [InlineData("SO", "S-1-5-32-549")]
    [InlineData("SS", "S-1-18-2")]
    [InlineData("UD", "S-1-5-84-0-0-0-0-0")]
    public void FromSddl_Alias_IsTheSidWrittenOut(string alias, string sid) =>
        Assert.Equal(SecurityDescriptor.FromSddl($"O:{sid}"), SecurityDescriptor.FromSddl($"O:{alias}"));

    [Theory]
    [InlineData("AP")]
    [InlineData("CA")]
    [InlineData("CN")]
    [InlineData("DA")]
    [InlineData("DC")]
    [InlineData("DD")]
    [InlineData("DG")]
    [InlineData("DU")]
    [InlineData("EA")]
    [InlineData("EK")]
    [InlineData("KA")]
    [InlineData("LA")]
    [InlineData("LG")]
    [InlineData("PA")]
    [InlineData("RO")]
    [InlineData("RS")]
    [InlineData("SA")]
    public void FromSddl_AliasOfADomainOrMachine_IsRefusedBecauseNoneIsKnown(string alias)
    {
        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => SecurityDescriptor.FromSddl($"D:(A;;FA;;;{alias})"));
        Assert.Equal(SecurityRules.SddlUnsupported, refused.Rule);
        Assert.Contains($"'{alias}'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("D:(XA;;FX;;;S-1-1-0;(@User.Title==\"PM\"))")]
    [InlineData("D:(XD;;FX;;;WD;(Member_of{SID(BA)}))")]
    [InlineData("D:(ZA;;FX;;;WD;(a))")]
    [InlineData("S:(XU;;FX;;;WD;(a))")]
    [InlineData("S:(RA;;;;;WD;(\"Project\",TS,0,\"Windows\"))")]
    [InlineData("S:(FL;;FX;;;WD;(a))")]
    public void FromSddl_ConditionsAndResourceAttributes_AreRefusedByName(string sddl)
    {
        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => SecurityDescriptor.FromSddl(sddl));
        Assert.Equal(SecurityRules.SddlUnsupported, refused.Rule);
        Assert.Contains($"type {sddl[3..5]} ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X:BA")]
    [InlineData("BA")]
    [InlineData("O")]
    [InlineData("O:")]
    [InlineData("O:G:SY")]
    [InlineData("O:ZZ")]
    [InlineData("O:BAO:SY")]
    [InlineData("O:S-1")]
    [InlineData("O:S-1-")]
    [InlineData("O:S-2-5-18")]
    [InlineData("O:S-1-5-")]
    [InlineData("O:S-1-5-4294967296")]
    [InlineData("O:S-1-5--1")]
    [InlineData("O:S-1-0x1000000000000-1")]
    [InlineData("O:S-1-281474976710656-1")]
    [InlineData("O:S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16")]
    [InlineData("D:Q")]
    [InlineData("D:PX(A;;FA;;;BA)")]
    [InlineData("D:(A;;FA;;;BA")]
    [InlineData("D:A;;FA;;;BA)")]
    [InlineData("D:(A;;FA;;;BA)x")]
    [InlineData("D:()")]
    [InlineData("D:(A)")]
    [InlineData("D:(A;;FA;;BA)")]
    [InlineData("D:(A;;FA;;;;BA)")]
    [InlineData("D:(A;;FA;;;BA;x)")]
    [InlineData("D:(Q;;FA;;;BA)")]
    [InlineData("D:(A;QQ;FA;;;BA)")]
    [InlineData("D:(A;O;FA;;;BA)")]
    [InlineData("D:(A;;QQ;;;BA)")]
    [InlineData("D:(A;;F;;;BA)")]
    [InlineData("D:(A;;0x;;;BA)")]
    [InlineData("D:(A;;0x1FFFFFFFF;;;BA)")]
    [InlineData("D:(A;;4294967296;;;BA)")]
    [InlineData("D:(A;;08;;;BA)")]
    [InlineData("D:(A;;077777777777777777777777;;;BA)")]
    [InlineData("D:(A;;FA;;;)")]
    [InlineData("D:(A;;FA;00112233-4455-6677-8899-aabbccddeeff;;BA)")]
    [InlineData("D:(OA;;FA;0011;;BA)")]
    [InlineData("D:(AU;SA;FA;;;BA)")]
    [InlineData("D:(ML;;NW;;;LW)")]
    [InlineData("S:(A;;FA;;;BA)")]
    [InlineData("D:NO_ACCESS_CONTROL(A;;FA;;;BA)")]
    public void FromSddl_BrokenText_IsRefused(string sddl)
    {
        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => SecurityDescriptor.FromSddl(sddl));
        Assert.Equal(SecurityRules.Sddl, refused.Rule);
    }

    [Fact]
    public void FromSddl_FifteenSubAuthorities_AreTheMost() =>
        Assert.Equal(8 + (15 * 4) + 20, SecurityDescriptor.FromSddl("O:S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15").Bytes.Length);

    [Theory]
    [InlineData(3275, true)] // 8 + 3,275 × 20 = 65,508 bytes
    [InlineData(3276, true)] // 65,528: the last that fits into 65,535
    [InlineData(3277, false)]
    public void FromSddl_AccessControlList_KeepsToSixteenBitsOfSize(int entries, bool fits)
    {
        string sddl = "D:" + string.Concat(Enumerable.Repeat("(A;;FA;;;WD)", entries));
        LayerLimits limits = new() { SecurityDescriptorBytes = 1 << 20 };
        if (fits)
            Assert.Equal(28 + (entries * 20), SecurityDescriptor.FromSddl(sddl, limits).Bytes.Length);
        else
            Assert.Equal(SecurityRules.Sddl, Assert.Throws<LayerRefusedException>(() => SecurityDescriptor.FromSddl(sddl, limits)).Rule);
    }
}
