using System.Buffers.Binary;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Hives;

/// <summary>The types that have a name. Others are numbers, which device properties use for their own.</summary>
public enum HiveValueType : uint
{
    /// <summary>REG_NONE.</summary>
    None = 0,

    /// <summary>REG_SZ: text.</summary>
    Text = 1,

    /// <summary>REG_EXPAND_SZ: text with names of environment variables.</summary>
    ExpandableText = 2,

    /// <summary>REG_BINARY.</summary>
    Binary = 3,

    /// <summary>REG_DWORD: 32 bits, little-endian.</summary>
    Number32 = 4,

    /// <summary>REG_DWORD_BIG_ENDIAN.</summary>
    Number32BigEndian = 5,

    /// <summary>REG_LINK: where a symbolic link leads.</summary>
    Link = 6,

    /// <summary>REG_MULTI_SZ: several texts.</summary>
    MultipleTexts = 7,

    /// <summary>REG_RESOURCE_LIST.</summary>
    ResourceList = 8,

    /// <summary>REG_FULL_RESOURCE_DESCRIPTOR.</summary>
    FullResourceDescriptor = 9,

    /// <summary>REG_RESOURCE_REQUIREMENTS_LIST.</summary>
    ResourceRequirementsList = 10,

    /// <summary>REG_QWORD: 64 bits, little-endian.</summary>
    Number64 = 11,
}

/// <summary>A value's data, and what it says by its type.</summary>
public sealed class HiveContent
{
    private readonly byte[] _bytes;

    internal HiveContent(HiveValueType type, byte[] bytes)
    {
        Type = type;
        _bytes = bytes;
    }

    /// <summary>The type.</summary>
    public HiveValueType Type { get; }

    /// <summary>The data as it is.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The text up to its first NUL, as programs read it; a link has no NUL and is whole. Null for other types.</summary>
    public string? Text => Type switch
    {
        HiveValueType.Text or HiveValueType.ExpandableText => Units.Split('\0')[0],
        HiveValueType.Link => Units,
        _ => null,
    };

    /// <summary>The texts up to the first empty one, as programs read them; null for other types.</summary>
    public IReadOnlyList<string>? Texts =>
        Type == HiveValueType.MultipleTexts ? [.. Units.Split('\0').TakeWhile(text => text.Length > 0)] : null;

    /// <summary>The number; null for other types and where there are too few bytes.</summary>
    public ulong? Number => Type switch
    {
        HiveValueType.Number32 when _bytes.Length >= sizeof(uint) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes),
        HiveValueType.Number32BigEndian when _bytes.Length >= sizeof(uint) => BinaryPrimitives.ReadUInt32BigEndian(_bytes),
        HiveValueType.Number64 when _bytes.Length >= sizeof(ulong) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes),
        _ => null,
    };

    private string Units => Utf16.Read(_bytes.AsSpan(0, _bytes.Length & ~1));
}
