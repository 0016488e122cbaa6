using System.Buffers.Binary;

namespace WinLayers.Formats.Ntfs.Security;

/// <summary>The layout of a self-relative security descriptor, and the check that one keeps to it.</summary>
/// <remarks>
/// <code>
/// descriptor  revision u8 = 1, resource manager control u8, control u16, offsets u32 of owner, group, SACL, DACL (0 = none)
/// SID         revision u8 = 1, sub-authorities u8 (at most 15), authority 6 bytes big-endian, sub-authorities u32 each
/// ACL         revision u8 = 2 to 4, u8, size u16, entries u16, u16
/// ACE         type u8, flags u8, size u16, mask u32, for an object type: flags u32 and up to two GUIDs; SID; more
/// </code>
/// An ACL counts only where its present bit is set; with the bit and without an offset it is null: everyone may do everything.
/// </remarks>
internal static class SecurityDescriptorLayout
{
    public const int HeaderLength = 20;
    public const int SidHeaderLength = 8;
    public const int AclHeaderLength = 8;
    public const int AceHeaderLength = 4;
    public const int GuidLength = 16;
    public const int OwnerOffset = 4;
    public const int GroupOffset = 8;
    public const int SaclOffset = 12;
    public const int DaclOffset = 16;
    public const int MaxSubAuthorities = 15;

    public const ushort DaclPresent = 0x0004;
    public const ushort SaclPresent = 0x0010;
    public const ushort DaclAutoInheritRequired = 0x0100;
    public const ushort SaclAutoInheritRequired = 0x0200;
    public const ushort DaclAutoInherited = 0x0400;
    public const ushort SaclAutoInherited = 0x0800;
    public const ushort DaclProtected = 0x1000;
    public const ushort SaclProtected = 0x2000;
    public const ushort SelfRelative = 0x8000;

    /// <summary>Refuses a descriptor that is not whole.</summary>
    public static void Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength)
            throw Malformed($"it has {bytes.Length} bytes, its header alone has {HeaderLength}");
        if (bytes[0] != 1)
            throw Malformed($"its revision is {bytes[0]}, not 1");
        ushort control = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        if ((control & SelfRelative) == 0)
            throw Malformed($"its control bits 0x{control:x4} say that it is not self-relative");

        if (Part(bytes, OwnerOffset, "owner") is var owner and > 0)
            CheckSid(bytes[owner..], "owner");
        if (Part(bytes, GroupOffset, "group") is var group and > 0)
            CheckSid(bytes[group..], "group");
        if ((control & SaclPresent) != 0 && Part(bytes, SaclOffset, "SACL") is var sacl and > 0)
            CheckAcl(bytes[sacl..], "SACL");
        if ((control & DaclPresent) != 0 && Part(bytes, DaclOffset, "DACL") is var dacl and > 0)
            CheckAcl(bytes[dacl..], "DACL");
    }

    /// <summary>The offset of a part of a descriptor, checked to lie behind the header; 0 where the part is left out.</summary>
    private static int Part(ReadOnlySpan<byte> bytes, int field, string part)
    {
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[field..]);
        if (offset == 0)
            return 0;
        return offset >= HeaderLength && offset < (uint)bytes.Length
            ? (int)offset
            : throw Malformed($"its {part} is at offset {offset}, outside its {bytes.Length} bytes");
    }

    private static void CheckSid(ReadOnlySpan<byte> sid, string where)
    {
        if (sid.Length < SidHeaderLength)
            throw Malformed($"the SID of the {where} is cut short");
        if (sid[0] != 1)
            throw Malformed($"the SID of the {where} has revision {sid[0]}, not 1");
        if (sid[1] > MaxSubAuthorities)
            throw Malformed($"the SID of the {where} has {sid[1]} sub-authorities, {MaxSubAuthorities} are allowed");
        if (SidHeaderLength + (sid[1] * sizeof(uint)) > sid.Length)
            throw Malformed($"the SID of the {where} is cut short");
    }

    private static void CheckAcl(ReadOnlySpan<byte> acl, string which)
    {
        if (acl.Length < AclHeaderLength)
            throw Malformed($"the {which} is cut short");
        if (acl[0] is < 2 or > 4)
            throw Malformed($"the {which} has revision {acl[0]}, not 2 to 4");
        int size = BinaryPrimitives.ReadUInt16LittleEndian(acl[2..]);
        if (size < AclHeaderLength || size > acl.Length)
            throw Malformed($"the {which} takes {size} bytes, {acl.Length} are there");
        int count = BinaryPrimitives.ReadUInt16LittleEndian(acl[4..]);
        ReadOnlySpan<byte> rest = acl[AclHeaderLength..size];
        for (int i = 0; i < count; i++)
        {
            if (rest.Length < AceHeaderLength)
                throw Malformed($"the {which} announces {count} entries and ends after {i}");
            int aceSize = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            if (aceSize < AceHeaderLength || aceSize > rest.Length)
                throw Malformed($"entry {i + 1} of the {which} takes {aceSize} bytes, {rest.Length} are left");
            CheckAce(rest[..aceSize], which);
            rest = rest[aceSize..];
        }
    }

    private static void CheckAce(ReadOnlySpan<byte> ace, string which)
    {
        AceType type = (AceType)ace[0];
        if (type.HasSid)
            CheckSid(ace[Math.Min(SidStart(ace), ace.Length)..], $"{which}'s entry");
    }

    /// <summary>Where the SID of an ACE starts, as its type has it; past the end where the ACE is cut short.</summary>
    public static int SidStart(ReadOnlySpan<byte> ace)
    {
        const int mask = AceHeaderLength + sizeof(uint);
        if (!((AceType)ace[0]).IsObject)
            return mask;
        if (ace.Length < mask + sizeof(uint))
            return int.MaxValue;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(ace[mask..]);
        return mask + sizeof(uint) + ((flags & 1) != 0 ? GuidLength : 0) + ((flags & 2) != 0 ? GuidLength : 0);
    }

    private static LayerRefusedException Malformed(string detail) =>
        new(SecurityRules.Descriptor, $"the security descriptor is malformed: {detail}");
}
