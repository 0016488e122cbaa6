using System.Buffers.Binary;
using System.Text;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>
/// FILE_FULL_EA_INFORMATION: next offset (4), flags (1), name's length (1), value's length (2), the name and a zero, the value.
/// </summary>
internal static class ExtendedAttributeLists
{
    private const int Header = 8;

    /// <summary>The same list as it stands on the disk, where the last one has an offset too.</summary>
    public static byte[] OnDisk(ReadOnlySpan<byte> list)
    {
        List<byte> bytes = [];
        foreach (byte[] item in Split(list))
        {
            byte[] padded = new byte[(item.Length + 3) & ~3];
            item.CopyTo(padded, 0);
            BinaryPrimitives.WriteInt32LittleEndian(padded, padded.Length);
            bytes.AddRange(padded);
        }

        return [.. bytes];
    }

    /// <summary>What the list says, without how it is laid out. Names ignore case, the file system makes them upper case.</summary>
    public static string Describe(ReadOnlySpan<byte> list) => string.Join(", ", Split(list).Select(item =>
        $"{Encoding.Latin1.GetString(item, Header, item[5]).ToUpperInvariant()} flags {item[4]} = "
            + Convert.ToHexString(item.AsSpan(Header + item[5] + 1))));

    private static List<byte[]> Split(ReadOnlySpan<byte> list)
    {
        List<byte[]> items = [];
        while (list.Length >= Header)
        {
            int next = BinaryPrimitives.ReadInt32LittleEndian(list);
            int length = Header + list[5] + 1 + BinaryPrimitives.ReadUInt16LittleEndian(list[6..]);
            items.Add(list[..length].ToArray());
            if (next == 0 || next >= list.Length)
                break;
            list = list[next..];
        }

        return items;
    }
}
