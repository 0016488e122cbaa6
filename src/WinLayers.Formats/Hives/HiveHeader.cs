using System.Buffers.Binary;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Hives;

/// <summary>The base block: what a hive or one of its logs says about itself.</summary>
/// <remarks>
/// <code>
///   0 "regf"            4 primary sequence   8 secondary sequence   12 FILETIME
///  20 major, 24 minor  28 kind of file      32 format              36 root cell   40 size of the bins
/// 144 flags           508 checksum: XOR of the 127 words before it
/// </code>
/// </remarks>
public sealed class HiveHeader
{
    internal const int Length = 4096;

    // Logs have only this much of it.
    internal const int SectorLength = 512;

    private const int ChecksumOffset = 508;
    private const uint LayeredFlag = 2;

    private HiveHeader(ReadOnlySpan<byte> block)
    {
        PrimarySequence = UInt32(block, 4);
        SecondarySequence = UInt32(block, 8);
        LastWrite = new FileTime(BinaryPrimitives.ReadInt64LittleEndian(block[12..]));
        MajorVersion = UInt32(block, 20);
        MinorVersion = UInt32(block, 24);
        FileKind = UInt32(block, 28);
        RootCell = UInt32(block, 36);
        BinsLength = UInt32(block, 40);
        Flags = UInt32(block, 144);
        IsChecksumValid = UInt32(block, ChecksumOffset) == Checksum(block);
    }

    /// <summary>Counts writes that were begun.</summary>
    public long PrimarySequence { get; }

    /// <summary>Counts writes that were finished.</summary>
    public long SecondarySequence { get; }

    /// <summary>When the hive was last written.</summary>
    public FileTime LastWrite { get; }

    /// <summary>The version before the point: 1.</summary>
    public long MajorVersion { get; }

    /// <summary>The version after the point: 3 to 6.</summary>
    public long MinorVersion { get; }

    /// <summary>The flags as they are: 1 pending transactions, 2 layered keys.</summary>
    public long Flags { get; }

    /// <summary>Bytes of all bins.</summary>
    public long BinsLength { get; }

    /// <summary>Whether the base block is whole.</summary>
    public bool IsChecksumValid { get; }

    /// <summary>Whether the last write was not finished, so that the logs are needed.</summary>
    public bool IsDirty => !IsChecksumValid || PrimarySequence != SecondarySequence;

    /// <summary>Whether keys have layer bits: the hive lies over others.</summary>
    public bool IsLayered => (Flags & LayeredFlag) != 0;

    internal uint FileKind { get; }

    internal uint RootCell { get; }

    /// <summary>Reads a base block's first sector; null where it is none at all.</summary>
    internal static HiveHeader? TryRead(ReadOnlySpan<byte> block) =>
        block.Length >= SectorLength && block[..4].SequenceEqual("regf"u8) ? new HiveHeader(block) : null;

    internal static uint Checksum(ReadOnlySpan<byte> block)
    {
        uint sum = 0;
        for (int i = 0; i < ChecksumOffset; i += sizeof(uint))
            sum ^= UInt32(block, i);
        return sum switch { uint.MaxValue => uint.MaxValue - 1, 0 => 1, _ => sum };
    }

    private static uint UInt32(ReadOnlySpan<byte> block, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(block[offset..]);
}
