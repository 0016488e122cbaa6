using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using static WinLayers.Formats.Tests.Ntfs.Security.DescriptorBytes;

namespace WinLayers.Formats.Tests.Ntfs.Security;

public sealed class SecurityDescriptorTests
{
    private static byte[] Whole => Descriptor(
        0x8014, Administrators, LocalSystem, Acl(2, Ace(2, 0xC0, 1, Everyone)),
        Acl(4, Ace(0, 0, 0x1F01FF, Users), ObjectAce(5, 0, 1, 3, new byte[32], Everyone)));

    [Fact]
    public void FromBytes_EveryRecordedDescriptor_IsKeptAsItIs()
    {
        byte[][] recorded =
        [
            .. RecordedEntry.BaseCases.SelectMany(RecordedEntry.Of).SelectMany(entry => entry.Records)
                .Where(record => record.Kind == "security").Select(record => record.Bytes),
        ];

        Assert.NotEmpty(recorded);
        Assert.All(recorded, bytes => Assert.Equal(bytes, SecurityDescriptor.FromBytes(bytes).Bytes.ToArray()));
    }

    public static TheoryData<string, byte[]> Unusual => new()
    {
        { "nothing in it", Descriptor(0x8000) },
        { "null DACL", Descriptor(0x8004) },
        { "empty DACL", Descriptor(0x8004, dacl: Acl(2)) },
        { "every part", Whole },
        { "bytes after its end", [.. Whole, 1, 2, 3] },
        { "owner and group are one", [1, 0, .. UInt16(0x8000), .. UInt32(20), .. UInt32(20), .. UInt32(0), .. UInt32(0), .. LocalSystem] },
        { "an unaligned part", [1, 0, .. UInt16(0x8000), .. UInt32(21), .. UInt32(0), .. UInt32(0), .. UInt32(0), 0, .. LocalSystem] },
        { "a DACL without its bit: not looked at",
            [1, 0, .. UInt16(0x8000), .. UInt32(0), .. UInt32(0), .. UInt32(0), .. UInt32(20), 0xFF] },
        { "resource manager control", [1, 7, .. Descriptor(0xC000)[2..]] },
        { "revision 3", Descriptor(0x8004, dacl: Acl(3)) },
        { "an entry of an unknown type", Descriptor(0x8004, dacl: Acl(2, [0x77, 0, 8, 0, 1, 2, 3, 4])) },
        { "a conditional entry with its condition",
            Descriptor(0x8004, dacl: Acl(2, [9, 0, 24, 0, .. UInt32(1), .. Everyone, 0x61, 0x72, 0x74, 0x78])) },
        { "a compound entry", Descriptor(0x8004, dacl: Acl(2, [4, 0, 8, 0, 1, 2, 3, 4])) },
        { "room after the last entry", Descriptor(0x8004, dacl: [2, 0, .. UInt16(16), 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9]) },
        { "a SID without sub-authorities", Descriptor(0x8000, owner: Hex("01 00 000000000005")) },
    };

    [Theory]
    [MemberData(nameof(Unusual))]
    public void FromBytes_UnusualButLegal_IsKeptAsItIs(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        Assert.Equal(bytes, SecurityDescriptor.FromBytes(bytes).Bytes.ToArray());
    }

    public static TheoryData<string, byte[]> Malformed => new()
    {
        { "empty", [] },
        { "header cut", Descriptor(0x8000)[..19] },
        { "revision 0", [0, .. Descriptor(0x8000)[1..]] },
        { "revision 2", [2, .. Descriptor(0x8000)[1..]] },
        { "absolute", Descriptor(0x0004) },
        { "owner inside the header", [1, 0, .. UInt16(0x8000), .. UInt32(19), .. UInt32(0), .. UInt32(0), .. UInt32(0), .. LocalSystem] },
        { "owner at the end", [1, 0, .. UInt16(0x8000), .. UInt32(20), .. UInt32(0), .. UInt32(0), .. UInt32(0)] },
        { "group far outside", [1, 0, .. UInt16(0x8000), .. UInt32(0), .. UInt32(0xFFFFFFFF), .. UInt32(0), .. UInt32(0)] },
        { "owner cut", Descriptor(0x8000, owner: LocalSystem)[..^1] },
        { "SID of revision 2", Descriptor(0x8000, owner: Hex("02 01 000000000005 12000000")) },
        { "SID with 16 sub-authorities", Descriptor(0x8000, owner: [1, 16, .. new byte[6 + 64]]) },
        { "DACL cut", Descriptor(0x8004, dacl: Acl(2, Ace(0, 0, 1, Everyone)))[..^1] },
        { "ACL of revision 1", Descriptor(0x8004, dacl: Acl(1)) },
        { "ACL of revision 5", Descriptor(0x8010, sacl: Acl(5)) },
        { "ACL smaller than its header", Descriptor(0x8004, dacl: [2, 0, 7, 0, 0, 0, 0, 0]) },
        { "fewer entries than announced", Descriptor(0x8004, dacl: [2, 0, 8, 0, 1, 0, 0, 0]) },
        { "entry of size 0", Descriptor(0x8004, dacl: Acl(2, [0, 0, 0, 0, 0, 0, 0, 0])) },
        { "entry past its list", Descriptor(0x8004, dacl: Acl(2, [0x77, 0, 9, 0, 0, 0, 0, 0])) },
        { "entry without room for its SID", Descriptor(0x8004, dacl: Acl(2, [0, 0, 8, 0, 0, 0, 0, 0])) },
        { "SID cut by its entry", Descriptor(0x8004, dacl: Acl(2, [0, 0, 16, 0, .. UInt32(1), .. Everyone[..8]])) },
        { "object entry cut", Descriptor(0x8004, dacl: Acl(4, [5, 0, 8, 0, 0, 0, 0, 0])) },
        { "object entry whose GUIDs leave no SID",
            Descriptor(0x8004, dacl: Acl(4, [5, 0, 24, 0, .. UInt32(1), .. UInt32(3), .. Everyone])) },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void FromBytes_Malformed_IsRefused(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        Assert.Equal(SecurityRules.Descriptor, Assert.Throws<LayerRefusedException>(() => SecurityDescriptor.FromBytes(bytes)).Rule);
    }

    [Theory]
    [InlineData(65_535, true)]
    [InlineData(65_536, true)]
    [InlineData(65_537, false)]
    public void FromBytes_AtTheLimit_CountsEveryByte(int length, bool fits)
    {
        byte[] bytes = [.. Descriptor(0x8000), .. new byte[length - 20]];
        if (fits)
            Assert.Equal(length, SecurityDescriptor.FromBytes(bytes).Bytes.Length);
        else
            Assert.Equal(SecurityRules.DescriptorSize,
                Assert.Throws<LayerRefusedException>(() => SecurityDescriptor.FromBytes(bytes)).Rule);
    }

    [Fact]
    public void FromBytes_CutAnywhere_IsRefused()
    {
        for (int length = 0; length < Whole.Length; length++)
            Assert.Throws<LayerRefusedException>(() => SecurityDescriptor.FromBytes(Whole.AsSpan(0, length)));
    }

    [Fact]
    public void Equality_IsThatOfTheBytes()
    {
        SecurityDescriptor one = SecurityDescriptor.FromBytes(Whole), same = SecurityDescriptor.FromBytes(Whole);

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, SecurityDescriptor.FromBytes(Descriptor(0x8000)));
        Assert.Equal(new FileMetadata { Security = one }, new FileMetadata { Security = same });
    }
}
