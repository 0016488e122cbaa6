using System.Buffers.Binary;
using System.Text;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Hives;

/// <summary>What stands in the cells that keys and values refer to.</summary>
internal static class HiveCells
{
    public const uint None = uint.MaxValue;

    private const int ListHeader = 4;
    private const int SmallList = 64;
    private const int DescriptorOffset = 20;
    private const int SegmentLength = 16344;

    /// <summary>The cells of subkeys in the order of their list: lf and lh with hints, li without, ri a list of lists.</summary>
    public static uint[] ReadSubkeys(HiveBins bins, uint cell)
    {
        ReadOnlySpan<byte> list = bins.Cell(cell, "a list of subkeys").Span;
        uint[] keys;
        if (!IsKind(list, "ri"u8))
        {
            keys = ReadLeaf(list, cell);
        }
        else
        {
            List<uint> all = [];
            HashSet<uint> leaves = [];
            foreach (uint leaf in Elements(list, cell, sizeof(uint)))
            {
                if (!leaves.Add(leaf))
                    throw HiveBins.Refused("a list of subkeys", cell, $"names the list at 0x{leaf:x} twice");
                all.AddRange(ReadLeaf(bins.Cell(leaf, "a list of subkeys").Span, leaf));
            }

            keys = [.. all];
        }

        CheckDistinct(keys, cell);
        return keys;
    }

    public static SecurityDescriptor ReadDescriptor(HiveBins bins, uint cell)
    {
        ReadOnlySpan<byte> bytes = bins.Cell(cell, "a security descriptor").Span;
        if (bytes.Length < DescriptorOffset || !IsKind(bytes, "sk"u8))
            throw HiveBins.Refused("a security descriptor", cell, "holds something else");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        if (length > bytes.Length - DescriptorOffset)
            throw HiveBins.Refused("a security descriptor", cell, $"says {length} bytes, which it has not");
        return SecurityDescriptor.FromBytes(bytes.Slice(DescriptorOffset, (int)length));
    }

    /// <summary>A value's data that does not stand in the value itself.</summary>
    public static byte[] ReadData(HiveBins bins, uint cell, uint length, bool knowsBigData)
    {
        // What is not inside the bins is not there: so much is allocated at most.
        if (length > bins.Length)
            throw HiveBins.Refused("a value's data", cell, $"says {length} bytes, more than all bins have");
        ReadOnlySpan<byte> bytes = bins.Cell(cell, "a value's data").Span;
        if (length > SegmentLength && knowsBigData && IsKind(bytes, "db"u8))
            return ReadBigData(bins, bytes, cell, (int)length);
        if (length > bytes.Length)
            throw HiveBins.Refused("a value's data", cell, $"has {bytes.Length} bytes; {length} are said");
        return bytes[..(int)length].ToArray();
    }

    public static string ReadName(ReadOnlySpan<byte> name, bool isLatin1) =>
        isLatin1 ? Encoding.Latin1.GetString(name) : Utf16.Read(name[..(name.Length & ~1)]);

    public static bool IsKind(ReadOnlySpan<byte> cell, ReadOnlySpan<byte> kind) => cell.Length >= 4 && cell[..2].SequenceEqual(kind);

    private static uint[] ReadLeaf(ReadOnlySpan<byte> list, uint cell)
    {
        if (IsKind(list, "lf"u8) || IsKind(list, "lh"u8))
            return Elements(list, cell, 2 * sizeof(uint));
        return IsKind(list, "li"u8)
            ? Elements(list, cell, sizeof(uint))
            : throw HiveBins.Refused("a list of subkeys", cell, "holds something else");
    }

    private static uint[] Elements(ReadOnlySpan<byte> list, uint cell, int elementLength)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(list[2..]);
        if (count > (list.Length - ListHeader) / elementLength)
            throw HiveBins.Refused("a list of subkeys", cell, $"says {count} elements, which it has not");
        uint[] elements = new uint[count];
        for (int i = 0; i < count; i++)
            elements[i] = BinaryPrimitives.ReadUInt32LittleEndian(list[(ListHeader + (i * elementLength))..]);
        return elements;
    }

    private static void CheckDistinct(uint[] keys, uint cell)
    {
        HashSet<uint>? seen = keys.Length > SmallList ? new HashSet<uint>(keys.Length) : null;
        for (int i = 0; i < keys.Length; i++)
        {
            if (seen is null ? keys.AsSpan(0, i).Contains(keys[i]) : !seen.Add(keys[i]))
                throw HiveBins.Refused("a list of subkeys", cell, $"names the key at 0x{keys[i]:x} twice");
        }
    }

    private static byte[] ReadBigData(HiveBins bins, ReadOnlySpan<byte> header, uint cell, int length)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        if (header.Length < 8 || (long)count * SegmentLength < length)
            throw HiveBins.Refused("a value's data", cell, $"has {count} segments, too few for {length} bytes");
        ReadOnlySpan<byte> list = bins.Cell(BinaryPrimitives.ReadUInt32LittleEndian(header[4..]), "a list of segments").Span;
        if (list.Length / sizeof(uint) < count)
            throw HiveBins.Refused("a value's data", cell, $"says {count} segments, which its list has not");
        byte[] data = new byte[length];
        int done = 0;
        for (int i = 0; done < length; i++)
        {
            uint segment = BinaryPrimitives.ReadUInt32LittleEndian(list[(i * sizeof(uint))..]);
            ReadOnlySpan<byte> bytes = bins.Cell(segment, "a segment of data").Span;
            int wanted = Math.Min(SegmentLength, length - done);
            if (bytes.Length < wanted)
                throw HiveBins.Refused("a segment of data", segment, $"has {bytes.Length} bytes of {wanted}");
            bytes[..wanted].CopyTo(data.AsSpan(done));
            done += wanted;
        }

        return data;
    }
}
