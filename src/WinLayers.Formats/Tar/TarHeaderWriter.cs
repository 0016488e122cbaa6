using System.Text;

namespace WinLayers.Formats.Tar;

/// <summary>Lays out headers as the reference's tar library does: ustar blocks, with PAX records where a field has no room.</summary>
internal static class TarHeaderWriter
{
    private static readonly int NameLength = TarHeader.Name.End.Value;
    private static readonly int PrefixLength = TarHeader.Prefix.End.Value - TarHeader.Prefix.Start.Value;

    /// <summary>The largest number that the size and time fields hold in octal.</summary>
    public const long LargestOctal = (1L << 33) - 1;

    /// <summary>Whether the name stands in the header's name field as it is.</summary>
    public static bool FitsName(string name) => name.Length <= NameLength && Ascii.IsValid(name);

    /// <summary>Fills in a header. What does not fit is cut or left 0; the caller has a PAX record for it.</summary>
    public static void Write(Span<byte> block, byte type, string name, string linkName, int mode, long size, long unixSeconds)
    {
        block.Clear();
        WriteText(block[TarHeader.Name], name);
        WriteOctal(block[TarHeader.Mode], mode);
        WriteOctal(block[TarHeader.UserId], 0);
        WriteOctal(block[TarHeader.GroupId], 0);
        WriteOctal(block[TarHeader.Size], size);
        WriteOctal(block[TarHeader.ModificationTime], unixSeconds);
        block[TarHeader.Type] = type;
        WriteText(block[TarHeader.LinkName], linkName);
        "ustar\000"u8.CopyTo(block[TarHeader.Magic]);
        WriteOctal(block[TarHeader.DeviceMajor], 0);
        WriteOctal(block[TarHeader.DeviceMinor], 0);
        Seal(block);
    }

    /// <summary>Fills in the header of an extended header that comes before the named entry. Its own name says nothing but that.</summary>
    public static void WriteExtended(Span<byte> block, string entryName, long size)
    {
        // No process id in it, and no device fields: so the same entry always has the same bytes.
        int cut = entryName.LastIndexOf('/') + 1;
        string name = string.Concat(entryName.AsSpan(0, cut), "PaxHeaders.0/", entryName.AsSpan(cut));
        name = OnlyAscii(name);
        block.Clear();
        WriteText(block[TarHeader.Name], name[..Math.Min(name.Length, NameLength)].TrimEnd('/'));
        WriteOctal(block[TarHeader.Mode], 0);
        WriteOctal(block[TarHeader.UserId], 0);
        WriteOctal(block[TarHeader.GroupId], 0);
        WriteOctal(block[TarHeader.Size], size);
        WriteOctal(block[TarHeader.ModificationTime], 0);
        block[TarHeader.Type] = TarTypes.ExtendedHeader;
        "ustar\000"u8.CopyTo(block[TarHeader.Magic]);
        Seal(block);
    }

    /// <summary>Puts a long name into the name and prefix fields, as ustar has it; false where it fits no such cut.</summary>
    public static bool TryWriteSplit(Span<byte> block, string name)
    {
        if (!Ascii.IsValid(name))
            return false;
        int cut = name.LastIndexOf('/', Math.Min(PrefixLength, name.Length - 1));
        if (cut <= 0 || name.Length - cut - 1 > NameLength)
            return false;
        block[TarHeader.Name].Clear();
        WriteText(block[TarHeader.Name], name[(cut + 1)..]);
        WriteText(block[TarHeader.Prefix], name[..cut]);
        Seal(block);
        return true;
    }

    /// <summary>Writes the checksum of a header that is otherwise complete.</summary>
    public static void Seal(Span<byte> block)
    {
        block[TarHeader.Checksum].Fill((byte)' ');
        int sum = TarHeader.SumOf(block);
        WriteOctal(block[TarHeader.Checksum][..^1], sum);
    }

    private static void WriteText(Span<byte> field, string text)
    {
        string ascii = OnlyAscii(text);
        int length = Math.Min(ascii.Length, field.Length);
        // A name cut right behind a slash would make old readers see a directory.
        if (ascii.Length > field.Length && ascii[length - 1] == '/')
            length = ascii.AsSpan(0, length).TrimEnd('/').Length;
        Encoding.ASCII.GetBytes(ascii.AsSpan(0, length), field);
    }

    private static string OnlyAscii(string text) => Ascii.IsValid(text) ? text : string.Concat(text.Where(char.IsAscii));

    private static void WriteOctal(Span<byte> field, long value)
    {
        int digits = field.Length - 1;
        if (value < 0 || value >> (3 * digits) != 0)
            value = 0;
        field[digits] = 0;
        for (int i = digits - 1; i >= 0; i--, value >>= 3)
            field[i] = (byte)('0' + (value & 7));
    }
}
