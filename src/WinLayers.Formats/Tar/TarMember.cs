using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Tar;

/// <summary>What the headers of one member of a tar say together. One object, filled anew for each member.</summary>
internal sealed class TarMember
{
    // Records whose values have any length that one likes; the others end as a few bytes each.
    private static readonly PaxKey[] Large = [PaxKey.RawSecurityDescriptor, PaxKey.Sddl, PaxKey.ExtendedAttributeList, PaxKey.Reparse];

    /// <summary>Records of the member's own extended header.</summary>
    public PaxRecords Records { get; } = new();

    /// <summary>Records of global headers so far.</summary>
    public PaxRecords GlobalRecords { get; } = new();

    /// <summary>Where its first header starts, extended headers and long names included.</summary>
    public long Offset { get; set; }

    /// <summary>The type byte; that of old tars (NUL) is made <c>0</c>, or <c>5</c> where the name says so.</summary>
    public byte Type { get; set; }

    public string Name { get; set; } = "";

    /// <summary>Where a link leads; empty for all else.</summary>
    public string LinkName { get; set; } = "";

    /// <summary>Bytes of the body; 0 for those that are all header.</summary>
    public long Size { get; set; }

    /// <summary>The times of the plain header: without the zero time, which the caller fills in.</summary>
    public FileTime Write { get; set; }

    public FileTime? Access { get; set; }

    public FileTime? Change { get; set; }

    public bool IsFile => Type == TarTypes.File;

    public bool IsDirectory => Type == TarTypes.Directory;

    /// <summary>Bytes of metadata, as recorded, that it has from global headers.</summary>
    public long GlobalBytes
    {
        get
        {
            long bytes = GlobalRecords.ExtendedAttributeBytes;
            foreach (PaxKey key in Large)
                bytes += Records.Has(key) ? 0 : GlobalRecords[key].Length;
            return bytes;
        }
    }

    /// <summary>Whether a record is there; the member's own wins over a global one, even empty.</summary>
    public bool Has(PaxKey key) => Records.Has(key) || GlobalRecords.Has(key);

    /// <summary>The record's value; empty where it is missing or empty, which in PAX is the same.</summary>
    public ReadOnlySpan<byte> this[PaxKey key] => Records.Has(key) ? Records[key] : GlobalRecords[key];
}

/// <summary>The type bytes of tar headers.</summary>
internal static class TarTypes
{
    public const byte OldFile = 0;
    public const byte File = (byte)'0';
    public const byte HardLink = (byte)'1';
    public const byte SymbolicLink = (byte)'2';
    public const byte CharacterDevice = (byte)'3';
    public const byte BlockDevice = (byte)'4';
    public const byte Directory = (byte)'5';
    public const byte Pipe = (byte)'6';
    public const byte ContiguousFile = (byte)'7';
    public const byte ExtendedHeader = (byte)'x';
    public const byte GlobalHeader = (byte)'g';
    public const byte LongName = (byte)'L';
    public const byte LongLinkName = (byte)'K';
    public const byte GnuSparse = (byte)'S';

    /// <summary>Whether a member of this type never has a body, whatever its size field says.</summary>
    public static bool IsHeaderOnly(byte type) => type is >= HardLink and <= Pipe;
}
