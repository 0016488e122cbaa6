using System.Buffers.Binary;
using System.Text;
using static WinLayers.Formats.Ntfs.Security.SecurityDescriptorLayout;

namespace WinLayers.Formats.Ntfs.Security;

/// <summary>A self-relative security descriptor, known to be whole, to SDDL text that <see cref="SddlReader"/> reads.</summary>
internal static class SddlWriter
{
    /// <summary>The text; null where the descriptor holds an entry that it could not say in full.</summary>
    public static string? Write(ReadOnlySpan<byte> descriptor)
    {
        StringBuilder text = new();
        if (Part(descriptor, OwnerOffset) is { IsEmpty: false } owner)
            text.Append("O:").Append(SddlSids.Name(Sid.Read(owner)));
        if (Part(descriptor, GroupOffset) is { IsEmpty: false } group)
            text.Append("G:").Append(SddlSids.Name(Sid.Read(group)));

        ushort control = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[2..]);
        bool isSaid = true;
        if ((control & DaclPresent) != 0)
        {
            text.Append("D:");
            AppendFlags(text, control, DaclProtected, DaclAutoInheritRequired, DaclAutoInherited);
            isSaid &= AppendAcl(text, Part(descriptor, DaclOffset), inDacl: true);
        }

        if ((control & SaclPresent) != 0)
        {
            text.Append("S:");
            AppendFlags(text, control, SaclProtected, SaclAutoInheritRequired, SaclAutoInherited);
            isSaid &= AppendAcl(text, Part(descriptor, SaclOffset), inDacl: false);
        }

        return isSaid ? text.ToString() : null;
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> descriptor, int field) =>
        BinaryPrimitives.ReadInt32LittleEndian(descriptor[field..]) is > 0 and var offset ? descriptor[offset..] : [];

    private static void AppendFlags(StringBuilder text, ushort control, ushort isProtected, ushort inheritRequired, ushort inherited)
    {
        if ((control & isProtected) != 0)
            text.Append('P');
        if ((control & inheritRequired) != 0)
            text.Append("AR");
        if ((control & inherited) != 0)
            text.Append("AI");
    }

    private static bool AppendAcl(StringBuilder text, ReadOnlySpan<byte> acl, bool inDacl)
    {
        if (acl.IsEmpty)
        {
            text.Append(Sddl.NullAcl);
            return true;
        }

        ReadOnlySpan<byte> rest = acl[AclHeaderLength..];
        for (int count = BinaryPrimitives.ReadUInt16LittleEndian(acl[4..]); count > 0; count--)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            if (!AppendAce(text, rest[..size], inDacl))
                return false;
            rest = rest[size..];
        }

        return true;
    }

    private static bool AppendAce(StringBuilder text, ReadOnlySpan<byte> ace, bool inDacl)
    {
        AceType type = (AceType)ace[0];
        if (!Sddl.CanSay(type) || Sddl.IsAccess(type) != inDacl)
            return false;
        uint objectFlags = type.IsObject ? BinaryPrimitives.ReadUInt32LittleEndian(ace[8..]) : 0;
        int sidStart = SidStart(ace);
        Sid sid = Sid.Read(ace[sidStart..]);
        if (objectFlags > 3 || sidStart + sid.Length != ace.Length)
            return false;

        text.Append('(').Append(Sddl.AceTypes.First(known => known.Type == type).Name).Append(';');
        foreach ((string name, byte value) in Sddl.AceFlags)
        {
            if ((ace[1] & value) != 0)
                text.Append(name);
        }

        AppendRights(text.Append(';'), BinaryPrimitives.ReadUInt32LittleEndian(ace[4..]), type == AceType.MandatoryLabel);
        text.Append(';');
        int guid = 12;
        if ((objectFlags & 1) != 0)
        {
            text.Append(new Guid(ace.Slice(guid, GuidLength)));
            guid += GuidLength;
        }

        text.Append(';');
        if ((objectFlags & 2) != 0)
            text.Append(new Guid(ace.Slice(guid, GuidLength)));
        text.Append(';').Append(SddlSids.Name(sid)).Append(')');
        return true;
    }

    // One word where one says it all, else the number: a mask taken apart into many words is no easier to read.
    private static void AppendRights(StringBuilder text, uint mask, bool isLabel)
    {
        foreach ((string name, uint value) in Sddl.Rights)
        {
            if (value == mask && (name is "NW" or "NR" or "NX") == isLabel)
            {
                text.Append(name);
                return;
            }
        }

        text.Append($"0x{mask:x}");
    }
}
