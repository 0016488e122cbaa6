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

    public static IEnumerable<TheoryDataRow<byte[]>> Unusual =>
    [
        new(Descriptor(0x8000)) { Label = "nothing in it" },
        new(Descriptor(0x8004)) { Label = "null DACL" },
        new(Descriptor(0x8004, dacl: Acl(2))) { Label = "empty DACL" },
        new(Whole) { Label = "every part" },
        new([.. Whole, 1, 2, 3]) { Label = "bytes after its end" },
        new([1, 0, .. UInt16(0x8000), .. UInt32(20), .. UInt32(20), .. UInt32(0), .. UInt32(0), .. LocalSystem]) { Label =
            "owner and group are one" },
        new([1, 0, .. UInt16(0x8000), .. UInt32(21), .. UInt32(0), .. UInt32(0), .. UInt32(0), 0, .. LocalSystem]) { Label =
            "an unaligned part" },
        new([1, 0, .. UInt16(0x8000), .. UInt32(0), .. UInt32(0), .. UInt32(0), .. UInt32(20), 0xFF]) { Label =
            "a DACL without its bit: not looked at" },
        new([1, 7, .. Descriptor(0xC000)[2..]]) { Label = "resource manager control" },
        new(Descriptor(0x8004, dacl: Acl(3))) { Label = "revision 3" },
        new(Descriptor(0x8004, dacl: Acl(2, [0x77, 0, 8, 0, 1, 2, 3, 4]))) { Label = "an entry of an unknown type" },
        new(Descriptor(0x8004, dacl: Acl(2, [9, 0, 24, 0, .. UInt32(1), .. Everyone, 0x61, 0x72, 0x74, 0x78]))) { Label =
            "a conditional entry with its condition" },
        new(Descriptor(0x8004, dacl: Acl(2, [4, 0, 8, 0, 1, 2, 3, 4]))) { Label = "a compound entry" },
        new(Descriptor(0x8004, dacl: [2, 0, .. UInt16(16), 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9])) { Label = "room after the last entry" },
        new(Descriptor(0x8000, owner: Hex("01 00 000000000005"))) { Label = "a SID without sub-authorities" },
    ];

    [Theory]
    [MemberData(nameof(Unusual))]
    public void FromBytes_UnusualButLegal_IsKeptAsItIs(byte[] bytes)
    {
        Assert.Equal(bytes, SecurityDescriptor.FromBytes(bytes).Bytes.ToArray());
    }

    public static IEnumerable<TheoryDataRow<byte[]>> Malformed =>
    [
        new([]) { Label = "empty" },
        new(Descriptor(0x8000)[..19]) { Label = "header cut" },
        new([0, .. Descriptor(0x8000)[1..]]) { Label = "revision 0" },
        new([2, .. Descriptor(0x8000)[1..]]) { Label = "revision 2" },
        new(Descriptor(0x0004)) { Label = "absolute" },
        new([1, 0, .. UInt16(0x8000), .. UInt32(19), .. UInt32(0), .. UInt32(0), .. UInt32(0), .. LocalSystem]) { Label =
            "owner inside the header" },
        new([1, 0, .. UInt16(0x8000), .. UInt32(20), .. UInt32(0), .. UInt32(0), .. UInt32(0)]) { Label = "owner at the end" },
        new([1, 0, .. UInt16(0x8000), .. UInt32(0), .. UInt32(0xFFFFFFFF), .. UInt32(0), .. UInt32(0)]) { Label = "group far outside" },
        new(Descriptor(0x8000, owner: LocalSystem)[..^1]) { Label = "owner cut" },
        new(Descriptor(0x8000, owner: Hex("02 01 000000000005 12000000"))) { Label = "SID of revision 2" },
        new(Descriptor(0x8000, owner: [1, 16, .. new byte[6 + 64]])) { Label = "SID with 16 sub-authorities" },
        new(Descriptor(0x8004, dacl: Acl(2, Ace(0, 0, 1, Everyone)))[..^1]) { Label = "DACL cut" },
        new(Descriptor(0x8004, dacl: Acl(1))) { Label = "ACL of revision 1" },
        new(Descriptor(0x8010, sacl: Acl(5))) { Label = "ACL of revision 5" },
        new(Descriptor(0x8004, dacl: [2, 0, 7, 0, 0, 0, 0, 0])) { Label = "ACL smaller than its header" },
        new(Descriptor(0x8004, dacl: [2, 0, 8, 0, 1, 0, 0, 0])) { Label = "fewer entries than announced" },
        new(Descriptor(0x8004, dacl: Acl(2, [0, 0, 0, 0, 0, 0, 0, 0]))) { Label = "entry of size 0" },
        new(Descriptor(0x8004, dacl: Acl(2, [0x77, 0, 9, 0, 0, 0, 0, 0]))) { Label = "entry past its list" },
        new(Descriptor(0x8004, dacl: Acl(2, [0, 0, 8, 0, 0, 0, 0, 0]))) { Label = "entry without room for its SID" },
        new(Descriptor(0x8004, dacl: Acl(2, [0, 0, 16, 0, .. UInt32(1), .. Everyone[..8]]))) { Label = "SID cut by its entry" },
        new(Descriptor(0x8004, dacl: Acl(4, [5, 0, 8, 0, 0, 0, 0, 0]))) { Label = "object entry cut" },
        new(Descriptor(0x8004, dacl: Acl(4, [5, 0, 24, 0, .. UInt32(1), .. UInt32(3), .. Everyone]))) { Label =
            "object entry whose GUIDs leave no SID" },
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void FromBytes_Malformed_IsRefused(byte[] bytes)
    {
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
