using System.Buffers.Binary;

namespace WinLayers.Formats.Hives;

/// <summary>A value of a key. It can be used as long as its hive is.</summary>
/// <remarks>
/// <code>0 "vk"   2 name bytes   4 size, top bit: the data stands at 8   8 data   12 type   16 flags   20 name</code>
/// </remarks>
public sealed class HiveValue
{
    private const int NameOffset = 20;
    private const int MaxNameUnits = 16383;
    private const int Latin1Flag = 1;
    private const int TombstoneFlag = 2;
    private const uint InlineBit = 0x8000_0000;

    // From here on there is big data.
    private const int BigDataVersion = 4;

    private readonly Hive _hive;
    private readonly uint _cell;
    private readonly ReadOnlyMemory<byte> _bytes;

    internal HiveValue(Hive hive, uint cell)
    {
        _hive = hive;
        _cell = cell;
        _bytes = hive.Bins.Cell(cell, "a value");
        if (_bytes.Length < NameOffset || !HiveCells.IsKind(_bytes.Span, "vk"u8))
            throw HiveBins.Refused("a value", cell, "holds something else");
        int length = UInt16(2);
        if (length > _bytes.Length - NameOffset)
            throw HiveBins.Refused("a value", cell, $"says a name of {length} bytes, which it has not");
        if ((IsLatin1 ? length : length / sizeof(char)) > MaxNameUnits)
            throw HiveBins.Refused("a value", cell, $"has a name of {length} bytes, longer than {MaxNameUnits} units");
    }

    /// <summary>The name; empty for the default value.</summary>
    public string Name => HiveCells.ReadName(_bytes.Span.Slice(NameOffset, UInt16(2)), IsLatin1);

    /// <summary>The type; numbers without a name occur.</summary>
    public HiveValueType Type => (HiveValueType)UInt32(12);

    /// <summary>Bytes of data, as the value says.</summary>
    public long Length => UInt32(4) & ~InlineBit;

    /// <summary>Whether the value says that the one below is removed.</summary>
    public bool IsTombstone => (UInt16(16) & TombstoneFlag) != 0;

    private bool IsLatin1 => (UInt16(16) & Latin1Flag) != 0;

    /// <summary>Reads the data.</summary>
    /// <exception cref="LayerRefusedException">It is not where the value says.</exception>
    public HiveContent Read()
    {
        if (Length == 0)
            return new HiveContent(Type, []);
        if ((UInt32(4) & InlineBit) == 0)
            return new HiveContent(Type, HiveCells.ReadData(_hive.Bins, UInt32(8), UInt32(4), _hive.MinorVersion >= BigDataVersion));
        if (Length > sizeof(uint))
            throw HiveBins.Refused("a value", _cell, $"says that it holds {Length} bytes itself");
        return new HiveContent(Type, _bytes.Span.Slice(8, (int)Length).ToArray());
    }

    private int UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Span[offset..]);

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Span[offset..]);
}
