using System.Buffers.Binary;
using WinLayers.Formats.Hives;

namespace WinLayers.Testing.Hives;

/// <summary>Writes logs of a hive, of both kinds.</summary>
internal static class HiveLogBuilder
{
    private const int Sector = 512;

    /// <summary>A log of the new kind, whose base block says this sequence.</summary>
    public static byte[] WriteNew(byte[] primary, uint sequence, params byte[][] entries) =>
        [.. Header(primary, kind: 6, sequence), .. entries.SelectMany(entry => entry)];

    /// <summary>One entry: the bins' size and what it puts where.</summary>
    public static byte[] Entry(uint sequence, uint binsLength, params (uint Offset, byte[] Bytes)[] pages)
    {
        byte[] contents =
        [
            .. pages.SelectMany(page => (byte[])[.. BitConverter.GetBytes(page.Offset), .. BitConverter.GetBytes(page.Bytes.Length)]),
            .. pages.SelectMany(page => page.Bytes),
        ];
        byte[] entry = new byte[(40 + contents.Length + Sector - 1) / Sector * Sector];
        byte[] header =
        [
            .. "HvLE"u8, .. BitConverter.GetBytes(entry.Length), 0, 0, 0, 0, .. BitConverter.GetBytes(sequence),
            .. BitConverter.GetBytes(binsLength), .. BitConverter.GetBytes(pages.Length),
        ];
        header.CopyTo(entry, 0);
        contents.CopyTo(entry, 40);
        Seal(entry);
        return entry;
    }

    /// <summary>A log of the old kind with these sectors of the bins.</summary>
    public static byte[] WriteOld(byte[] primary, params (int Sector, byte[] Bytes)[] sectors)
    {
        int count = (primary.Length - 4096) / Sector;
        byte[] bitmap = new byte[(count + 7) / 8];
        foreach ((int sector, _) in sectors)
            bitmap[sector / 8] |= (byte)(1 << (sector % 8));
        byte[] start = [.. "DIRT"u8, .. bitmap];
        return
        [
            .. Header(primary, kind: 1, sequence: 6), .. start, .. new byte[((start.Length + Sector - 1) / Sector * Sector) - start.Length],
            .. sectors.OrderBy(sector => sector.Sector).SelectMany(sector => sector.Bytes),
        ];
    }

    /// <summary>Makes the hashes of a log's entries right again.</summary>
    public static void SealEntries(byte[] log)
    {
        for (int start = Sector; start + 40 <= log.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(log.AsSpan(start + 4));
            if (length < Sector || length > log.Length - start)
                return;
            Seal(log.AsSpan(start, length));
            start += length;
        }
    }

    private static void Seal(Span<byte> entry)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(entry[24..], Marvin.Hash(entry[40..]));
        BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], Marvin.Hash(entry[..32]));
    }

    private static byte[] Header(byte[] primary, byte kind, uint sequence)
    {
        byte[] header = primary[..Sector];
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), sequence);
        header[28] = kind;
        HiveBuilder.Seal(header);
        return header;
    }
}
