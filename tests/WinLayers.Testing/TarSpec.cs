using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace WinLayers.Testing;

/// <summary>One member of a tar, field by field, for tests that need a header nobody should write.</summary>
public sealed record TarSpec
{
    public required string Name { get; init; }

    public char Type { get; init; } = '0';

    public string LinkName { get; init; } = "";

    public byte[] Body { get; init; } = [];

    /// <summary>The extended header's records, in this order; none: no extended header.</summary>
    public IReadOnlyList<(string Key, string Value)> Pax { get; init; } = [];

    /// <summary>The extended header's bytes as they are, instead of <see cref="Pax"/>.</summary>
    public byte[]? RawPax { get; init; }

    /// <summary>The name in a GNU <c>L</c> member before this one.</summary>
    public string? GnuLongName { get; init; }

    /// <summary>The link name in a GNU <c>K</c> member before this one.</summary>
    public string? GnuLongLink { get; init; }

    public string Prefix { get; init; } = "";

    /// <summary>Magic and version: 8 bytes.</summary>
    public string Magic { get; init; } = "ustar\000";

    /// <summary>The size field says this instead of the body's length.</summary>
    public long? Size { get; init; }

    public bool Base256 { get; init; }

    /// <summary>The size field's bytes as they are: 12.</summary>
    public byte[]? SizeField { get; init; }

    public long Time { get; init; }

    /// <summary>The modification time field's bytes as they are: 12.</summary>
    public byte[]? TimeField { get; init; }

    /// <summary>Bytes put into the finished header, before its checksum.</summary>
    public IReadOnlyList<(int Offset, byte[] Bytes)> Patches { get; init; } = [];

    /// <summary>Sum bytes as signed, as old tars did.</summary>
    public bool SignedChecksum { get; init; }

    /// <summary>How far the stored checksum is off.</summary>
    public int ChecksumError { get; init; }

    /// <summary>Appends everything that this member is in a tar.</summary>
    public void WriteTo(IBufferWriter<byte> tar)
    {
        if ((RawPax ?? (Pax.Count > 0 ? PaxBytes(Pax) : null)) is { } pax)
            new TarSpec { Name = "PaxHeaders.0/x", Type = 'x', Body = pax }.WriteTo(tar);
        if (GnuLongName is not null)
            new TarSpec
            {
                Name = "././@LongLink",
                Type = 'L',
                Magic = "ustar  \0",
                Body = Encoding.UTF8.GetBytes(GnuLongName + "\0")
            }.WriteTo(tar);
        if (GnuLongLink is not null)
            new TarSpec
            {
                Name = "././@LongLink",
                Type = 'K',
                Magic = "ustar  \0",
                Body = Encoding.UTF8.GetBytes(GnuLongLink + "\0")
            }.WriteTo(tar);
        tar.Write(Header());
        tar.Write(Body);
        tar.Write(new byte[-Body.Length & 511]);
    }

    /// <summary>Records as an extended header has them.</summary>
    public static byte[] PaxBytes(IEnumerable<(string Key, string Value)> records)
    {
        MemoryStream bytes = new();
        foreach ((string key, string value) in records)
        {
            byte[] rest = Encoding.UTF8.GetBytes($" {key}={value}\n");
            int length = rest.Length + 1;
            while (length != rest.Length + length.ToString(CultureInfo.InvariantCulture).Length)
                length++;
            bytes.Write(Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture)));
            bytes.Write(rest);
        }

        return bytes.ToArray();
    }

    private byte[] Header()
    {
        byte[] block = new byte[512];
        Put(block, 0, 100, Name);
        Put(block, 100, 8, "0000644");
        Put(block, 108, 8, "0000000");
        Put(block, 116, 8, "0000000");
        PutNumber(block.AsSpan(124, 12), Size ?? Body.Length, SizeField);
        PutNumber(block.AsSpan(136, 12), Time, TimeField);
        block[156] = (byte)Type;
        Put(block, 157, 100, LinkName);
        Put(block, 257, 8, Magic);
        Put(block, 345, 155, Prefix);
        foreach ((int offset, byte[] bytes) in Patches)
            bytes.CopyTo(block, offset);
        block.AsSpan(148, 8).Fill((byte)' ');
        int sum = block.Sum(b => SignedChecksum ? (sbyte)b : b) + ChecksumError;
        Put(block, 148, 8, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        return block;
    }

    private void PutNumber(Span<byte> field, long value, byte[]? raw)
    {
        if (raw is not null)
        {
            raw.CopyTo(field);
        }
        else if (Base256 || value < 0)
        {
            field.Fill(value < 0 ? (byte)0xFF : (byte)0);
            BinaryPrimitives.WriteInt64BigEndian(field[4..], value);
            field[0] |= 0x80;
        }
        else
        {
            Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(11, '0'), field);
        }
    }

    private static void Put(byte[] block, int offset, int length, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > length)
            throw new ArgumentException($"'{text}' does not fit {length} bytes.", nameof(text));
        bytes.CopyTo(block, offset);
    }
}
