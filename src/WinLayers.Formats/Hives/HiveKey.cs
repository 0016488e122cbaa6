using System.Buffers.Binary;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Hives;

/// <summary>A key of a hive. It can be used as long as its hive is.</summary>
/// <remarks>
/// <code>
///  0 "nk"          2 flags           4 FILETIME      12 access bits   13 layer bits   16 parent
/// 20 subkeys      28 subkey list    36 values        40 value list    44 descriptor   48 class
/// 72 name bytes   74 class bytes    76 name
/// </code>
/// </remarks>
public sealed class HiveKey
{
    private const int NameOffset = 76;
    private const int MaxNameUnits = 255;
    private const int SymbolicLinkFlag = 0x10;
    private const int Latin1Flag = 0x20;
    private const int PredefinedHandleFlag = 0x40;
    private const int InheritClassBit = 0x80;

    private readonly Hive _hive;
    private readonly uint _cell;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _depth;

    internal HiveKey(Hive hive, uint cell, HiveKey? parent)
    {
        _hive = hive;
        _cell = cell;
        Parent = parent;
        _depth = parent is null ? 0 : parent._depth + 1;
        if (_depth > Hive.MaxDepth)
            throw new LayerRefusedException(HiveRules.Tree, $"the key at 0x{cell:x} lies deeper than {Hive.MaxDepth} levels");
        _bytes = hive.Bins.Cell(cell, "a key");
        ReadOnlySpan<byte> bytes = _bytes.Span;
        if (bytes.Length < NameOffset || !HiveCells.IsKind(bytes, "nk"u8))
            throw HiveBins.Refused("a key", cell, "holds something else");
        int length = UInt16(72);
        if (length > bytes.Length - NameOffset)
            throw HiveBins.Refused("a key", cell, $"says a name of {length} bytes, which it has not");
        if ((IsLatin1 ? length : length / sizeof(char)) > MaxNameUnits)
            throw HiveBins.Refused("a key", cell, $"has a name of {length} bytes, longer than {MaxNameUnits} units");
    }

    /// <summary>The key above; null at the root.</summary>
    public HiveKey? Parent { get; }

    /// <summary>The name. It may hold anything, unpaired surrogates and control characters too.</summary>
    public string Name => HiveCells.ReadName(NameBytes, IsLatin1);

    /// <summary>The path below the root, names between backslashes; empty at the root, whose name means nothing.</summary>
    public string Path => Parent is null ? "" : Parent.Parent is null ? Name : $"{Parent.Path}\\{Name}";

    /// <summary>When the key was last written.</summary>
    public FileTime LastWrite => new(BinaryPrimitives.ReadInt64LittleEndian(_bytes.Span[4..]));

    /// <summary>The flags as they are.</summary>
    public int Flags => UInt16(2);

    /// <summary>Whether the key only leads to another one, which its value SymbolicLinkValue names.</summary>
    public bool IsSymbolicLink => (Flags & SymbolicLinkFlag) != 0;

    /// <summary>The byte of layer bits as it is; it means something in a layered hive only.</summary>
    public byte LayerBits => _bytes.Span[13];

    /// <summary>How the key lies over the same key below; in a hive that is not layered always <see cref="KeyLayering.Merge"/>.</summary>
    public KeyLayering Layering => _hive.IsLayered ? (KeyLayering)(LayerBits & 3) : KeyLayering.Merge;

    /// <summary>Whether the class name is that of the same key below.</summary>
    public bool InheritsClass => _hive.IsLayered && (LayerBits & InheritClassBit) != 0;

    /// <summary>How many subkeys the key says that it has.</summary>
    public long SubkeyCount => UInt32(20);

    /// <summary>How many values the key says that it has.</summary>
    public long ValueCount => (Flags & PredefinedHandleFlag) != 0 ? 0 : UInt32(36);

    /// <summary>The class name, where there is one.</summary>
    /// <exception cref="LayerRefusedException">Its cell is broken.</exception>
    public string? ClassName
    {
        get
        {
            int length = UInt16(74);
            if (length == 0 || UInt32(48) == HiveCells.None)
                return null;
            ReadOnlySpan<byte> bytes = _hive.Bins.Cell(UInt32(48), "a class name").Span;
            return length <= bytes.Length
                ? HiveCells.ReadName(bytes[..length], isLatin1: false)
                : throw HiveBins.Refused("a class name", UInt32(48), $"says {length} bytes, which it has not");
        }
    }

    /// <summary>Who may do what with the key; null where it refers to no descriptor.</summary>
    /// <exception cref="LayerRefusedException">The descriptor is broken.</exception>
    public SecurityDescriptor? Security => UInt32(44) == HiveCells.None ? null : _hive.Descriptor(UInt32(44));

    private bool IsLatin1 => (Flags & Latin1Flag) != 0;

    private ReadOnlySpan<byte> NameBytes => _bytes.Span.Slice(NameOffset, UInt16(72));

    /// <summary>The subkeys, in the order of their list.</summary>
    public IEnumerable<HiveKey> EnumerateSubkeys()
    {
        foreach (uint cell in SubkeyCells())
        {
            _hive.Claim(cell, _cell);
            yield return new HiveKey(_hive, cell, this);
        }
    }

    /// <summary>The values, in the order of their list, tombstones too.</summary>
    public IEnumerable<HiveValue> EnumerateValues()
    {
        if (ValueCount == 0)
            yield break;
        ReadOnlyMemory<byte> list = _hive.Bins.Cell(UInt32(40), "a list of values");
        if (ValueCount > list.Length / sizeof(uint))
            throw HiveBins.Refused("a list of values", UInt32(40), $"says {ValueCount} values, which it has not");
        for (int i = 0; i < ValueCount; i++)
            yield return new HiveValue(_hive, BinaryPrimitives.ReadUInt32LittleEndian(list.Span[(i * sizeof(uint))..]));
    }

    /// <summary>The subkey of this name, in any case; null where there is none.</summary>
    /// <param name="name">One name, no path.</param>
    public HiveKey? FindSubkey(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return EnumerateSubkeys().FirstOrDefault(key => NtfsNames.Equal(key.Name, name));
    }

    /// <summary>The value of this name, in any case; null where there is none. A tombstone is one.</summary>
    /// <param name="name">The name; empty for the default value.</param>
    public HiveValue? FindValue(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return EnumerateValues().FirstOrDefault(value => NtfsNames.Equal(value.Name, name));
    }

    private uint[] SubkeyCells() => SubkeyCount == 0 ? [] : HiveCells.ReadSubkeys(_hive.Bins, UInt32(28));

    private int UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Span[offset..]);

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Span[offset..]);
}
