using System.Buffers.Binary;
using System.Text;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Testing.Hives;

/// <summary>A key of a hive that a test makes.</summary>
internal sealed record KeySpec(string Name, params KeySpec[] Keys)
{
    public ValueSpec[] Values { get; init; } = [];

    /// <summary>The byte at 13: bits 0 and 1 semantics, bit 7 inherits the class.</summary>
    public byte LayerBits { get; init; }

    public string? Class { get; init; }

    public long Time { get; init; } = 132_000_000_000_000_000;

    /// <summary>lf, lh, li or ri.</summary>
    public string List { get; init; } = "lh";
}

/// <summary>A value of a hive that a test makes.</summary>
internal sealed record ValueSpec(string Name, uint Type, byte[] Data)
{
    public bool IsTombstone { get; init; }

    public static ValueSpec Text(string name, string text) => new(name, 1, Encoding.Unicode.GetBytes(text + "\0"));

    public static ValueSpec Number(string name, uint number) => new(name, 4, BitConverter.GetBytes(number));

    public static ValueSpec Tombstone(string name) => new(name, 0, []) { IsTombstone = true };
}

/// <summary>Writes small hives from the format's tables, independent of the reader.</summary>
internal sealed class HiveBuilder
{
    public const string Sddl = "O:BAG:SYD:(A;;KA;;;BA)(A;;KR;;;BU)";

    private const int HeaderLength = 4096;
    private const int SegmentLength = 16344;
    private const uint None = uint.MaxValue;

    private readonly List<byte> _bins = [];
    private readonly uint _minor;
    private uint _descriptor;

    private HiveBuilder(uint minor) => _minor = minor;

    public static byte[] Write(KeySpec root, bool isLayered = false, uint minor = 5)
    {
        HiveBuilder builder = new(isLayered ? 6 : minor);
        return builder.WriteFile(root, isLayered);
    }

    /// <summary>Makes the checksum of a base block right again.</summary>
    public static void Seal(Span<byte> block)
    {
        uint sum = 0;
        for (int i = 0; i < 508; i += 4)
            sum ^= BinaryPrimitives.ReadUInt32LittleEndian(block[i..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[508..], sum switch { uint.MaxValue => uint.MaxValue - 1, 0 => 1, _ => sum });
    }

    private byte[] WriteFile(KeySpec root, bool isLayered)
    {
        _bins.AddRange(new byte[32]);
        byte[] security = SecurityDescriptor.FromSddl(Sddl).Bytes.ToArray();
        byte[] sk = [.. "sk\0\0"u8, .. new byte[8], .. UInt32(1), .. UInt32((uint)security.Length), .. security];
        _descriptor = Cell(sk);
        uint rootCell = Key(root, parent: 0, flags: 0x2C);
        uint used = (uint)_bins.Count;
        uint length = (used + 4095 + 8) / 4096 * 4096;
        byte[] file = new byte[HeaderLength + length];
        _bins.CopyTo(file, HeaderLength);
        // The rest is one free cell.
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(HeaderLength + (int)used), (int)(length - used));
        byte[] bin = [.. "hbin"u8, .. UInt32(0), .. UInt32(length)];
        bin.CopyTo(file, HeaderLength);
        byte[] header =
        [
            .. "regf"u8, .. UInt32(7), .. UInt32(7), .. BitConverter.GetBytes(root.Time), .. UInt32(1), .. UInt32(_minor), .. UInt32(0),
            .. UInt32(1), .. UInt32(rootCell), .. UInt32(length), .. UInt32(1),
        ];
        header.CopyTo(file, 0);
        file[144] = (byte)(isLayered ? 2 : 0);
        Seal(file);
        return file;
    }

    private uint Key(KeySpec key, uint parent, ushort flags = 0x20)
    {
        bool isLatin1 = key.Name.All(c => c < 256);
        byte[] name = isLatin1 ? Encoding.Latin1.GetBytes(key.Name) : Units(key.Name);
        byte[] classBytes = Encoding.Unicode.GetBytes(key.Class ?? "");
        byte[] bytes = new byte[76 + name.Length];
        uint cell = Cell(bytes);
        name.CopyTo(bytes, 76);
        uint[] children = [.. key.Keys.Select(child => Key(child, cell))];
        uint[] values = [.. key.Values.Select(Value)];
        byte[] fixedPart =
        [
            .. "nk"u8, .. UInt16((ushort)(isLatin1 ? flags : flags & ~0x20)), .. BitConverter.GetBytes(key.Time), 0, key.LayerBits, 0, 0,
            .. UInt32(parent), .. UInt32((uint)children.Length), .. UInt32(0),
            .. UInt32(children.Length == 0 ? None : List(key.List, children, key.Keys)), .. UInt32(None),
            .. UInt32((uint)values.Length), .. UInt32(values.Length == 0 ? None : Cell([.. values.SelectMany(UInt32)])),
            .. UInt32(_descriptor), .. UInt32(key.Class is null ? None : Cell(classBytes)), .. new byte[20],
            .. UInt16((ushort)name.Length), .. UInt16((ushort)classBytes.Length),
        ];
        fixedPart.CopyTo(bytes, 0);
        Patch(cell, bytes);
        return cell;
    }

    private uint List(string kind, uint[] children, KeySpec[] keys)
    {
        if (kind == "ri")
        {
            uint[] leaves =
                [.. children.Zip(keys).Chunk(2).Select(two => List("li", [.. two.Select(p => p.First)], [.. two.Select(p => p.Second)]))];
            return Cell([.. "ri"u8, .. UInt16((ushort)leaves.Length), .. leaves.SelectMany(UInt32)]);
        }

        IEnumerable<byte> elements = children.Zip(keys).SelectMany(pair => (byte[])(kind switch
        {
            "li" => UInt32(pair.First),
            "lf" => [.. UInt32(pair.First), .. Encoding.ASCII.GetBytes(pair.Second.Name.PadRight(4, '\0')[..4])],
            _ => [.. UInt32(pair.First), .. UInt32(pair.Second.Name.ToUpperInvariant().Aggregate(0u, (hash, c) => (37 * hash) + c))],
        }));
        return Cell([.. Encoding.ASCII.GetBytes(kind), .. UInt16((ushort)children.Length), .. elements]);
    }

    private uint Value(ValueSpec value)
    {
        bool isLatin1 = value.Name.All(c => c < 256);
        byte[] name = isLatin1 ? Encoding.Latin1.GetBytes(value.Name) : Units(value.Name);
        bool isInline = value.Data.Length is > 0 and <= 4;
        uint size = (uint)value.Data.Length | (isInline ? 0x8000_0000 : 0);
        byte[] data = isInline ? [.. value.Data, .. new byte[4 - value.Data.Length]] : UInt32(Data(value.Data));
        return Cell(
        [
            .. "vk"u8, .. UInt16((ushort)name.Length), .. UInt32(size), .. data, .. UInt32(value.Type),
            .. UInt16((ushort)((isLatin1 ? 1 : 0) | (value.IsTombstone ? 2 : 0))), 0, 0, .. name,
        ]);
    }

    private uint Data(byte[] data)
    {
        if (data.Length == 0)
            return None;
        if (data.Length <= SegmentLength || _minor <= 3)
            return Cell(data);
        uint[] segments = [.. data.Chunk(SegmentLength).Select(Cell)];
        uint list = Cell([.. segments.SelectMany(UInt32)]);
        return Cell([.. "db"u8, .. UInt16((ushort)segments.Length), .. UInt32(list)]);
    }

    private uint Cell(byte[] contents)
    {
        uint offset = (uint)_bins.Count;
        int size = (contents.Length + 4 + 7) / 8 * 8;
        _bins.AddRange(BitConverter.GetBytes(-size));
        _bins.AddRange(contents);
        _bins.AddRange(new byte[size - 4 - contents.Length]);
        return offset;
    }

    private void Patch(uint cell, byte[] contents)
    {
        for (int i = 0; i < contents.Length; i++)
            _bins[(int)cell + 4 + i] = contents[i];
    }

    // An encoding would replace unpaired surrogates.
    private static byte[] Units(string name) => [.. name.SelectMany(unit => UInt16(unit))];

    private static byte[] UInt32(uint number) => BitConverter.GetBytes(number);

    private static byte[] UInt16(ushort number) => BitConverter.GetBytes(number);
}
