using System.Buffers.Binary;
using System.Text;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Ntfs;

/// <summary>One extended attribute.</summary>
/// <param name="Name">Its name: 1 to 255 bytes of UTF-8, ASCII in practice.</param>
/// <param name="Value">Its value, at most 65,535 bytes.</param>
/// <param name="Flags">0, or 0x80 where a program must understand it to use the file (FILE_NEED_EA).</param>
public sealed record ExtendedAttribute(string Name, ReadOnlyMemory<byte> Value, byte Flags = 0)
{
    /// <summary>Whether name, value and flags are the same.</summary>
    public bool Equals(ExtendedAttribute? other) =>
        other is not null && Name == other.Name && Flags == other.Flags && Value.Span.SequenceEqual(other.Value.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Flags, Value.Length);
}

/// <summary>Extended attributes of a file, at least one, kept as their FILE_FULL_EA_INFORMATION list. Equal when the bytes are.</summary>
/// <remarks>
/// An item, little-endian: offset of the next u32 (0 = last), flags u8, name length u8, value length u16, name, NUL, value, zeros
/// up to 4 bytes. Windows wants the next item exactly there; only the padding of the last one may be missing.
/// </remarks>
public sealed class ExtendedAttributes : IEquatable<ExtendedAttributes>
{
    private const int HeaderLength = 8;
    private const int MaxName = byte.MaxValue;
    private const int MaxValue = ushort.MaxValue;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _list;

    private ExtendedAttributes(byte[] list, IReadOnlyList<ExtendedAttribute> items)
    {
        _list = list;
        Items = items;
    }

    /// <summary>The whole FILE_FULL_EA_INFORMATION list.</summary>
    public ReadOnlyMemory<byte> List => _list;

    /// <summary>The attributes in the list's order; values are slices of <see cref="List"/>.</summary>
    public IReadOnlyList<ExtendedAttribute> Items { get; }

    /// <summary>Takes a whole FILE_FULL_EA_INFORMATION list, as it is.</summary>
    /// <param name="list">The list, with nothing after it but its padding.</param>
    /// <param name="limits">The limits to keep to; the defaults where null.</param>
    /// <exception cref="LayerRefusedException">The list is malformed, empty or too large.</exception>
    public static ExtendedAttributes FromList(ReadOnlySpan<byte> list, LayerLimits? limits = null)
    {
        CheckSize(list.Length, limits);
        byte[] kept = list.ToArray();
        List<ExtendedAttribute> items = [];
        int position = 0;
        while (true)
        {
            items.Add(ReadItem(kept, position, out int end));
            int next = BinaryPrimitives.ReadInt32LittleEndian(kept.AsSpan(position));
            int aligned = Align(end - position);
            if (next == 0)
            {
                if (kept.Length > position + aligned)
                    throw Malformed($"{kept.Length - position - aligned} bytes follow its last item");
                return new ExtendedAttributes(kept, items);
            }

            if (next != aligned)
                throw Malformed($"the item at {position} takes {aligned} bytes but has the next one {next} bytes further on");
            position += next;
            if (position > kept.Length)
                throw Malformed($"the next item is at {position}, the list has {kept.Length} bytes");
        }
    }

    /// <summary>Makes the list of these attributes, sorted by name, ordinal.</summary>
    /// <param name="items">The attributes, at least one; of several with one name the order stays.</param>
    /// <param name="limits">The limits to keep to; the defaults where null.</param>
    /// <exception cref="LayerRefusedException">A name or a value does not fit, or the list is too large.</exception>
    public static ExtendedAttributes FromItems(IEnumerable<ExtendedAttribute> items, LayerLimits? limits = null)
    {
        ExtendedAttribute[] sorted = [.. items.OrderBy(item => item.Name, StringComparer.Ordinal)];
        if (sorted.Length == 0)
            throw new ArgumentException("A list of extended attributes has at least one.", nameof(items));

        byte[][] names = Array.ConvertAll(sorted, EncodeName);
        long total = 0;
        for (int i = 0; i < sorted.Length; i++)
            total += Align(HeaderLength + names[i].Length + 1 + sorted[i].Value.Length);
        CheckSize(total, limits);

        byte[] list = new byte[total];
        int position = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            (byte[] name, ReadOnlyMemory<byte> value) = (names[i], sorted[i].Value);
            int length = Align(HeaderLength + name.Length + 1 + value.Length);
            Span<byte> item = list.AsSpan(position, length);
            BinaryPrimitives.WriteInt32LittleEndian(item, i == sorted.Length - 1 ? 0 : length);
            item[4] = sorted[i].Flags;
            item[5] = (byte)name.Length;
            BinaryPrimitives.WriteUInt16LittleEndian(item[6..], (ushort)value.Length);
            name.CopyTo(item[HeaderLength..]);
            value.Span.CopyTo(item[(HeaderLength + name.Length + 1)..]);
            position += length;
        }

        return FromList(list, limits);
    }

    /// <summary>Whether both are the same, byte for byte.</summary>
    public bool Equals(ExtendedAttributes? other) => other is not null && _list.AsSpan().SequenceEqual(other._list);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExtendedAttributes);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_list);
        return hash.ToHashCode();
    }

    private static ExtendedAttribute ReadItem(byte[] list, int position, out int end)
    {
        ReadOnlySpan<byte> rest = list.AsSpan(position);
        if (rest.Length < HeaderLength)
            throw Malformed($"it ends inside the item at {position}");
        byte flags = rest[4];
        int nameLength = rest[5];
        int valueLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[6..]);
        int length = HeaderLength + nameLength + 1 + valueLength;
        if (length > rest.Length)
            throw Malformed($"the item at {position} takes {length} bytes, {rest.Length} are left");
        ReadOnlySpan<byte> name = rest.Slice(HeaderLength, nameLength);
        if (name.IsEmpty)
            throw Malformed($"the item at {position} has no name");
        if (name.Contains((byte)0) || rest[HeaderLength + nameLength] != 0)
            throw Malformed($"the name of the item at {position} does not end with its only NUL");
        end = position + length;
        return new ExtendedAttribute(DecodeName(name, position), list.AsMemory(end - valueLength, valueLength), flags);
    }

    private static string DecodeName(ReadOnlySpan<byte> name, int position)
    {
        try
        {
            return StrictUtf8.GetString(name);
        }
        catch (DecoderFallbackException bad)
        {
            throw new LayerRefusedException(
                NtfsRules.ExtendedAttributes, $"the name of the extended attribute at {position} is not well-formed UTF-8", bad);
        }
    }

    private static byte[] EncodeName(ExtendedAttribute item)
    {
        byte[] name;
        try
        {
            name = StrictUtf8.GetBytes(item.Name);
        }
        catch (EncoderFallbackException bad)
        {
            throw new LayerRefusedException(NtfsRules.ExtendedAttributes, "the name of an extended attribute is not well-formed Unicode",
                bad);
        }

        if (name.Length is 0 or > MaxName)
            throw Malformed($"a name has {name.Length} bytes, 1 to {MaxName} are allowed");
        if (item.Value.Length > MaxValue)
        {
            throw new LayerRefusedException(
                NtfsRules.ExtendedAttributesSize,
                $"the value of the extended attribute '{SafeText.Excerpt(item.Name)}' takes " +
                    $"{item.Value.Length} bytes, {MaxValue} are allowed");
        }

        return name;
    }

    private static int Align(int length) => (length + 3) & ~3;

    private static void CheckSize(long length, LayerLimits? limits)
    {
        int longest = (limits ?? LayerLimits.Default).ExtendedAttributeBytes;
        if (length > longest)
        {
            throw new LayerRefusedException(
                NtfsRules.ExtendedAttributesSize, $"the extended attributes take {length} bytes, {longest} are allowed");
        }
    }

    private static LayerRefusedException Malformed(string detail) =>
        new(NtfsRules.ExtendedAttributes, $"the list of extended attributes is malformed: {detail}");
}
