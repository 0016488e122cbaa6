using System.Buffers.Binary;
using static WinLayers.Formats.Ntfs.Security.SecurityDescriptorLayout;

namespace WinLayers.Formats.Ntfs.Security;

/// <summary>What an entry of a descriptor's DACL allows.</summary>
/// <param name="Sid">Whom: <c>S-1-5-32-544</c>.</param>
/// <param name="Mask">What.</param>
internal readonly record struct AllowedAccess(string Sid, uint Mask)
{
    /// <summary>Everyone.</summary>
    internal const string Everyone = "S-1-1-0";

    private const uint Everything = 0x10000000;

    /// <summary>
    /// The entries that allow something, those for what is made below included; a descriptor without a DACL allows everyone everything.
    /// </summary>
    internal static List<AllowedAccess> Of(SecurityDescriptor descriptor)
    {
        ReadOnlySpan<byte> bytes = descriptor.Bytes.Span;
        int dacl = BinaryPrimitives.ReadInt32LittleEndian(bytes[DaclOffset..]);
        if ((BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) & DaclPresent) == 0 || dacl == 0)
            return [new AllowedAccess(Everyone, Everything)];
        List<AllowedAccess> allowed = [];
        ReadOnlySpan<byte> rest = bytes[(dacl + AclHeaderLength)..];
        for (int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(dacl + 4)..]); count > 0; count--)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            ReadOnlySpan<byte> entry = rest[..size];
            if ((AceType)entry[0] is AceType.Allow or AceType.ObjectAllow or AceType.CallbackAllow or AceType.CallbackObjectAllow)
            {
                allowed.Add(new AllowedAccess(
                    Security.Sid.Read(entry[SidStart(entry)..]).ToString(), BinaryPrimitives.ReadUInt32LittleEndian(entry[4..])));
            }

            rest = rest[size..];
        }

        return allowed;
    }

    /// <summary>The owner, who may always change the DACL; null where the descriptor names none.</summary>
    internal static string? OwnerOf(SecurityDescriptor descriptor)
    {
        ReadOnlySpan<byte> bytes = descriptor.Bytes.Span;
        int owner = BinaryPrimitives.ReadInt32LittleEndian(bytes[OwnerOffset..]);
        return owner == 0 ? null : Security.Sid.Read(bytes[owner..]).ToString();
    }
}
