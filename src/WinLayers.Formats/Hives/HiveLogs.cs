using System.Buffers.Binary;
using System.Numerics;

namespace WinLayers.Formats.Hives;

/// <summary>What the logs of a dirty hive hold, put over its bins in memory.</summary>
/// <remarks>
/// A log starts with a base block's first sector.
/// <code>
/// new (kind 6): entries from 512 in multiples of 512: 0 "HvLE"   4 size   12 sequence   16 size of the bins   20 pages
///               24 hash of all from 40   32 hash of the first 32 bytes   40 {offset, size} of each page, then the pages
/// old (1, 2):   512 "DIRT", 516 a bit for each 512 bytes of the bins, then those in the next sectors
/// </code>
/// A broken log is no error: it is what is left when writing was cut, and what comes before the break counts.
/// </remarks>
internal sealed class HiveLogs
{
    private const int NewKind = 6;
    private const int SectorLength = HiveHeader.SectorLength;
    private const int EntryHeader = 40;
    private const int HashedHeader = 32;
    private const int PageReference = 8;

    private readonly List<(HiveHeader Header, Stream Stream)> _new = [];
    private readonly (HiveHeader Header, Stream Stream)? _old;
    private readonly long _firstSequence;

    private HiveLogs(HiveHeader? primary, IReadOnlyList<Stream> logs)
    {
        bool isTrusted = primary is { IsChecksumValid: true };
        foreach (Stream log in logs)
        {
            if (ReadHeader(log) is not { IsChecksumValid: true } header)
                continue;
            if (header.FileKind == NewKind)
                _new.Add((header, log));
            else if (header.FileKind is 1 or 2 && (!isTrusted || header.LastWrite == primary!.LastWrite))
                _old ??= (header, log);
        }

        _new.Sort((left, right) => left.Header.PrimarySequence.CompareTo(right.Header.PrimarySequence));
        // Without the primary's sequence nothing says where the older log begins to count.
        if (!isTrusted && _new.Count > 1)
            _new.RemoveRange(0, _new.Count - 1);
        _firstSequence = isTrusted ? primary!.SecondarySequence : 0;
    }

    /// <summary>The base block of the log that counts, where the hive's own is torn.</summary>
    public HiveHeader? Header => _new.Count > 0 ? _new[^1].Header : _old?.Header;

    public static HiveLogs Read(HiveHeader? primary, IReadOnlyList<Stream> logs) => new(primary, logs);

    /// <summary>Puts what counts over the bins; returns how many entries did.</summary>
    public int Apply(HiveBins bins)
    {
        if (_new.Count == 0)
            return _old is { } old && ApplyOld(bins, old.Header, old.Stream) ? 1 : 0;
        int applied = 0;
        uint? next = null;
        foreach ((_, Stream log) in _new)
        {
            for (long position = SectorLength; ReadEntry(log, position) is { } entry; position += entry.Length)
            {
                uint sequence = UInt32(entry, 12);
                if (sequence < _firstSequence)
                    continue;
                if (next is { } wanted && sequence != wanted || !ApplyEntry(bins, entry))
                    return applied;
                applied++;
                next = unchecked(sequence + 1);
            }
        }

        return applied;
    }

    private static HiveHeader? ReadHeader(Stream log)
    {
        if (log.Length < SectorLength)
            return null;
        byte[] block = new byte[SectorLength];
        log.Position = 0;
        log.ReadExactly(block);
        return HiveHeader.TryRead(block);
    }

    private static byte[]? ReadEntry(Stream log, long position)
    {
        if (position > log.Length - EntryHeader)
            return null;
        byte[] header = new byte[EntryHeader];
        log.Position = position;
        log.ReadExactly(header);
        uint size = UInt32(header, 4);
        if (!header.AsSpan(0, 4).SequenceEqual("HvLE"u8) || size == 0 || size % SectorLength != 0 || size > log.Length - position
            || size > int.MaxValue || Hash(header, 32) != Marvin.Hash(header.AsSpan(0, HashedHeader)))
        {
            return null;
        }

        byte[] entry = new byte[size];
        header.CopyTo(entry, 0);
        log.ReadExactly(entry.AsSpan(EntryHeader));
        return Hash(header, 24) == Marvin.Hash(entry.AsSpan(EntryHeader)) ? entry : null;
    }

    private static bool ApplyEntry(HiveBins bins, byte[] entry)
    {
        uint binsLength = UInt32(entry, 16);
        uint pages = UInt32(entry, 20);
        if (pages > (entry.Length - EntryHeader) / PageReference || !PagesFit(entry, (int)pages, binsLength))
            return false;
        bins.SetLength(Math.Max(bins.Length, binsLength));
        int data = EntryHeader + ((int)pages * PageReference);
        for (int i = 0; i < pages; i++)
        {
            int reference = EntryHeader + (i * PageReference);
            int size = (int)UInt32(entry, reference + 4);
            bins.Write(UInt32(entry, reference), entry.AsSpan(data, size));
            data += size;
        }

        return true;
    }

    // All or nothing: half an entry would be a hive that never was.
    private static bool PagesFit(byte[] entry, int pages, uint binsLength)
    {
        long data = EntryHeader + ((long)pages * PageReference);
        for (int i = 0; i < pages; i++)
        {
            int reference = EntryHeader + (i * PageReference);
            uint size = UInt32(entry, reference + 4);
            data += size;
            if (data > entry.Length || (long)UInt32(entry, reference) + size > binsLength)
                return false;
        }

        return true;
    }

    private static bool ApplyOld(HiveBins bins, HiveHeader header, Stream log)
    {
        long sectors = header.BinsLength / SectorLength;
        long bitmapLength = (sectors + 7) / 8;
        long bitmapOffset = SectorLength + sizeof(uint);
        if (bitmapOffset + bitmapLength > log.Length || bitmapLength > int.MaxValue)
            return false;
        byte[] start = new byte[sizeof(uint) + bitmapLength];
        log.Position = SectorLength;
        log.ReadExactly(start);
        ReadOnlySpan<byte> bitmap = start.AsSpan(sizeof(uint));
        if (!start.AsSpan(0, 4).SequenceEqual("DIRT"u8))
            return false;
        long dirty = 0;
        foreach (byte bits in bitmap)
            dirty += BitOperations.PopCount(bits);
        long position = (bitmapOffset + bitmapLength + SectorLength - 1) / SectorLength * SectorLength;
        if (position + (dirty * SectorLength) > log.Length)
            return false;
        bins.SetLength(Math.Max(bins.Length, header.BinsLength));
        byte[] sector = new byte[SectorLength];
        log.Position = position;
        for (long i = 0; i < sectors; i++)
        {
            if ((bitmap[(int)(i / 8)] & (1 << (int)(i % 8))) == 0)
                continue;
            log.ReadExactly(sector);
            bins.Write(i * SectorLength, sector);
        }

        return true;
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong Hash(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
