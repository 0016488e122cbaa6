using System.Buffers.Binary;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Ntfs;

/// <summary>
/// A reparse point, kept as its REPARSE_DATA_BUFFER. Symbolic links and mount points are checked to the last offset; those of
/// other tags are kept as they are. Equal when the bytes are.
/// </summary>
/// <remarks>
/// The buffer, little-endian: tag u32, data length u16 (what follows the first 8 bytes), reserved u16; a tag that is not
/// Microsoft's has a GUID next, which the data length leaves out. Symbolic links and mount points go on with substitute offset,
/// substitute length, print offset, print length (u16, bytes), for a symbolic link flags u32 (1 = relative), and the names, to
/// which the offsets are relative.
/// </remarks>
public sealed class ReparsePoint : IEquatable<ReparsePoint>
{
    /// <summary>IO_REPARSE_TAG_SYMLINK.</summary>
    public const uint SymbolicLinkTag = 0xA000_000C;

    /// <summary>IO_REPARSE_TAG_MOUNT_POINT.</summary>
    public const uint MountPointTag = 0xA000_0003;

    private const int HeaderLength = 8;
    private const int GuidLength = 16;
    private const int SymbolicLinkNames = 20;
    private const int MountPointNames = 16;
    private const uint MicrosoftTag = 0x8000_0000;
    private const uint RelativeFlag = 1;

    private readonly byte[] _buffer;

    private ReparsePoint(byte[] buffer) => _buffer = buffer;

    /// <summary>The whole REPARSE_DATA_BUFFER.</summary>
    public ReadOnlyMemory<byte> Buffer => _buffer;

    /// <summary>What kind of reparse point it is.</summary>
    public uint Tag => BinaryPrimitives.ReadUInt32LittleEndian(_buffer);

    /// <summary>Whether it is a symbolic link, to a file or a directory.</summary>
    public bool IsSymbolicLink => Tag == SymbolicLinkTag;

    /// <summary>Whether it is a mount point: a junction, or a mounted volume.</summary>
    public bool IsMountPoint => Tag == MountPointTag;

    /// <summary>Whether it is a symbolic link whose target is relative to where the link is.</summary>
    public bool IsRelative => IsSymbolicLink && (BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(16)) & RelativeFlag) != 0;

    /// <summary>Where Windows follows it to, as the kernel names it; empty for other tags.</summary>
    public string SubstituteName => NamesStart(Tag) is > 0 and var start ? Name(_buffer, start, 8) : "";

    /// <summary>Where it leads, as people see it; a layer's tar has this for the link's target. Empty for other tags.</summary>
    public string PrintName => NamesStart(Tag) is > 0 and var start ? Name(_buffer, start, 12) : "";

    /// <summary>
    /// Whether NTFS takes the names as they stand: a mount point's in one order, with a NUL after each and nothing else. A symbolic
    /// link's may stand anywhere.
    /// </summary>
    internal bool HasNtfsLayout
    {
        get
        {
            if (!IsMountPoint)
                return true;
            int substituteLength = BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(10)), printLength =
                BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(14));
            return BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(8)) == 0
                && BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(12)) == substituteLength + sizeof(char)
                && _buffer.Length == MountPointNames + substituteLength + sizeof(char) + printLength + sizeof(char);
        }
    }

    /// <summary>Takes a whole REPARSE_DATA_BUFFER.</summary>
    /// <param name="buffer">Exactly the buffer, nothing after it.</param>
    /// <param name="limits">The limits to keep to; the defaults where null.</param>
    /// <exception cref="LayerRefusedException">The buffer is malformed or too large.</exception>
    public static ReparsePoint FromBuffer(ReadOnlySpan<byte> buffer, LayerLimits? limits = null)
    {
        CheckSize(buffer.Length, limits);
        if (buffer.Length < HeaderLength)
            throw Malformed($"it has {buffer.Length} bytes, its header alone has {HeaderLength}");
        uint tag = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        if (tag <= 1)
            throw Malformed($"its tag is the reserved value {tag}");
        int length = BinaryPrimitives.ReadUInt16LittleEndian(buffer[4..]);
        int start = (tag & MicrosoftTag) != 0 ? HeaderLength : HeaderLength + GuidLength;
        if (start + length != buffer.Length)
            throw Malformed($"it announces {length} bytes of data, {buffer.Length - start} are there");
        if (NamesStart(tag) is > 0 and var names)
        {
            if (buffer.Length < names)
                throw Malformed($"it has {buffer.Length} bytes, a link needs {names}");
            CheckName(buffer, names, 8, "substitute");
            CheckName(buffer, names, 12, "print");
        }

        return new ReparsePoint(buffer.ToArray());
    }

    /// <summary>Makes the reparse point of a link whose target a layer's tar names.</summary>
    /// <param name="linkTarget">The target, with <c>/</c> or <c>\</c>; absolute ones have a drive or start with <c>\\</c>.</param>
    /// <param name="isMountPoint">Whether it is a mount point, not a symbolic link.</param>
    /// <exception cref="LayerRefusedException">The target is empty, has a NUL or is too long.</exception>
    public static ReparsePoint FromTarget(string linkTarget, bool isMountPoint)
    {
        if (linkTarget.Length == 0)
            throw Malformed("the link's target is empty");
        if (linkTarget.Contains('\0', StringComparison.Ordinal))
            throw Malformed("the link's target holds a NUL");

        string print = linkTarget.Replace('/', '\\');
        (string substitute, bool isRelative) = SubstituteFor(print);
        int names = isMountPoint ? MountPointNames : SymbolicLinkNames;
        long total = names + (((long)substitute.Length + 1 + print.Length + 1) * sizeof(char));
        CheckSize(total, limits: null);

        byte[] buffer = new byte[total];
        int substituteLength = substitute.Length * sizeof(char);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, isMountPoint ? MountPointTag : SymbolicLinkTag);
        WriteUInt16(buffer, 4, buffer.Length - HeaderLength);
        WriteUInt16(buffer, 8, 0);
        WriteUInt16(buffer, 10, substituteLength);
        WriteUInt16(buffer, 12, substituteLength + sizeof(char));
        WriteUInt16(buffer, 14, print.Length * sizeof(char));
        if (!isMountPoint)
            BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(16), isRelative ? RelativeFlag : 0);
        Utf16.Write(substitute, buffer.AsSpan(names));
        Utf16.Write(print, buffer.AsSpan(names + substituteLength + sizeof(char)));
        return new ReparsePoint(buffer);
    }

    /// <summary>Whether both are the same, byte for byte.</summary>
    public bool Equals(ReparsePoint? other) => other is not null && _buffer.AsSpan().SequenceEqual(other._buffer);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReparsePoint);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_buffer);
        return hash.ToHashCode();
    }

    /// <summary>The kind of reparse point and where it leads.</summary>
    public override string ToString() =>
        IsSymbolicLink ? $"symbolic link to {PrintName}"
        : IsMountPoint ? $"mount point of {PrintName}"
        : $"reparse point 0x{Tag:x8}, {_buffer.Length} bytes";

    private static (string Substitute, bool IsRelative) SubstituteFor(string print)
    {
        if (print.StartsWith(@"\\?\", StringComparison.Ordinal))
            return (string.Concat(@"\??\", print.AsSpan(4)), false);
        if (print.StartsWith(@"\\", StringComparison.Ordinal))
            return (string.Concat(@"\??\UNC\", print.AsSpan(2)), false);
        if (print.Length >= 2 && char.IsAsciiLetter(print[0]) && print[1] == ':')
            return (@"\??\" + print, false);
        return (print, true);
    }

    private static int NamesStart(uint tag) => tag switch
    {
        SymbolicLinkTag => SymbolicLinkNames,
        MountPointTag => MountPointNames,
        _ => 0,
    };

    private static void CheckSize(long length, LayerLimits? limits)
    {
        int longest = (limits ?? LayerLimits.Default).ReparseBytes;
        if (length > longest)
            throw new LayerRefusedException(NtfsRules.ReparseSize, $"the reparse point takes {length} bytes, {longest} are allowed");
    }

    private static void CheckName(ReadOnlySpan<byte> buffer, int names, int field, string which)
    {
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(buffer[field..]);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(buffer[(field + 2)..]);
        if ((offset | length) % sizeof(char) != 0)
            throw Malformed($"its {which} name of {length} bytes at offset {offset} is no UTF-16");
        if (names + offset + length > buffer.Length)
            throw Malformed($"its {which} name of {length} bytes at offset {offset} reaches past the end");
    }

    private static string Name(ReadOnlySpan<byte> buffer, int names, int field)
    {
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(buffer[field..]);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(buffer[(field + 2)..]);
        return Utf16.Read(buffer.Slice(names + offset, length));
    }

    private static void WriteUInt16(Span<byte> buffer, int offset, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[offset..], checked((ushort)value));

    private static LayerRefusedException Malformed(string detail) => new(NtfsRules.Reparse, $"the reparse point is malformed: {detail}");
}
