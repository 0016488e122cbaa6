using System.Buffers.Binary;

namespace WinLayers.Formats.Tests.Ntfs.Security;

/// <summary>
/// Security descriptors written out field by field, as the Windows structures are documented; knows nothing of the library.
/// </summary>
internal static class DescriptorBytes
{
    public static readonly byte[] Everyone = Hex("01 01 000000000001 00000000");
    public static readonly byte[] CreatorOwner = Hex("01 01 000000000003 00000000");
    public static readonly byte[] CreatorGroup = Hex("01 01 000000000003 01000000");
    public static readonly byte[] OwnerRights = Hex("01 01 000000000003 04000000");
    public static readonly byte[] Network = Hex("01 01 000000000005 02000000");
    public static readonly byte[] Interactive = Hex("01 01 000000000005 04000000");
    public static readonly byte[] Service = Hex("01 01 000000000005 06000000");
    public static readonly byte[] Anonymous = Hex("01 01 000000000005 07000000");
    public static readonly byte[] Self = Hex("01 01 000000000005 0A000000");
    public static readonly byte[] AuthenticatedUsers = Hex("01 01 000000000005 0B000000");
    public static readonly byte[] Restricted = Hex("01 01 000000000005 0C000000");
    public static readonly byte[] LocalSystem = Hex("01 01 000000000005 12000000");
    public static readonly byte[] LocalService = Hex("01 01 000000000005 13000000");
    public static readonly byte[] NetworkService = Hex("01 01 000000000005 14000000");
    public static readonly byte[] WriteRestricted = Hex("01 01 000000000005 21000000");
    public static readonly byte[] Administrators = Hex("01 02 000000000005 20000000 20020000");
    public static readonly byte[] Users = Hex("01 02 000000000005 20000000 21020000");
    public static readonly byte[] Guests = Hex("01 02 000000000005 20000000 22020000");
    public static readonly byte[] PowerUsers = Hex("01 02 000000000005 20000000 23020000");
    public static readonly byte[] BackupOperators = Hex("01 02 000000000005 20000000 27020000");
    public static readonly byte[] HyperVAdministrators = Hex("01 02 000000000005 20000000 42020000");
    public static readonly byte[] AllAppPackages = Hex("01 02 00000000000F 02000000 01000000");
    public static readonly byte[] AllRestrictedAppPackages = Hex("01 02 00000000000F 02000000 02000000");
    public static readonly byte[] LowIntegrity = Hex("01 01 000000000010 00100000");
    public static readonly byte[] MediumIntegrity = Hex("01 01 000000000010 00200000");
    public static readonly byte[] HighIntegrity = Hex("01 01 000000000010 00300000");
    public static readonly byte[] SystemIntegrity = Hex("01 01 000000000010 00400000");

    // NT SERVICE\TrustedInstaller, S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464.
    public static readonly byte[] TrustedInstaller = Hex("01 06 000000000005 50000000 B589FB38 1984C2CB 5C6C236D 5700776E C0026487");

    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>A descriptor with its parts in the order owner, group, SACL, DACL.</summary>
    public static byte[] Descriptor(ushort control, byte[]? owner = null, byte[]? group = null, byte[]? sacl = null, byte[]? dacl = null)
    {
        List<byte> offsets = [], parts = [];
        foreach (byte[]? part in new[] { owner, group, sacl, dacl })
        {
            offsets.AddRange(part is null ? UInt32(0) : UInt32((uint)(20 + parts.Count)));
            parts.AddRange(part ?? []);
        }

        return [1, 0, .. UInt16(control), .. offsets, .. parts];
    }

    public static byte[] Acl(byte revision, params byte[][] aces)
    {
        byte[] all = [.. aces.SelectMany(ace => ace)];
        return [revision, 0, .. UInt16((ushort)(8 + all.Length)), .. UInt16((ushort)aces.Length), 0, 0, .. all];
    }

    public static byte[] Ace(byte type, byte flags, uint mask, byte[] sid) =>
        [type, flags, .. UInt16((ushort)(8 + sid.Length)), .. UInt32(mask), .. sid];

    public static byte[] ObjectAce(byte type, byte flags, uint mask, uint objectFlags, byte[] guids, byte[] sid) =>
        [type, flags, .. UInt16((ushort)(12 + guids.Length + sid.Length)), .. UInt32(mask), .. UInt32(objectFlags), .. guids, .. sid];

    public static byte[] UInt16(ushort value)
    {
        byte[] bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] UInt32(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
