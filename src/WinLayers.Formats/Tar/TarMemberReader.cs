using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Tar;

/// <summary>
/// Reads a tar member by member: old V7, ustar, PAX, GNU and star headers, with extended headers and long names folded in. What
/// members mean for a layer is not its matter. A damaged tar stays refused.
/// </summary>
internal sealed class TarMemberReader(Stream tar, LayerLimits limits) : IDisposable
{
    private const long LargestSize = long.MaxValue - TarHeader.BlockSize;

    private readonly TarInput _input = new(tar);
    private string? _longName;
    private string? _longLinkName;
    private long _remaining;
    private int _padding;
    private long _count;
    private long _globalBytes;
    private bool _ended;
    private Exception? _broken;

    /// <summary>The member that <see cref="MoveNext"/> went to.</summary>
    public TarMember Current { get; } = new();

    /// <summary>Changes whenever the reader moves on, so that a body of an earlier member can tell.</summary>
    public int Generation { get; private set; }

    /// <summary>Bytes of the tar taken so far.</summary>
    public long Position => _input.Position;

    /// <summary>Whether anything but zeros came after the end of the archive.</summary>
    public bool HasTrailingData { get; private set; }

    /// <summary>Whether the archive has an end of its own: a zero block. Known once <see cref="MoveNext"/> has returned false.</summary>
    public bool HasEnd { get; private set; }

    /// <summary>Whether the tar is damaged: every further call refuses it again.</summary>
    public bool IsBroken => _broken is not null;

    /// <summary>Goes to the next member, passing over what is unread of this one; false at the end, once the stream is drained.</summary>
    public bool MoveNext()
    {
        if (_broken is LayerRefusedException refusal)
            throw refusal.At();
        if (_broken is not null)
            throw new InvalidOperationException("Reading the tar failed before.", _broken);
        if (_ended)
            return false;
        Generation++;
        try
        {
            SkipBody();
            return ReadHeaders();
        }
        catch (Exception e)
        {
            _broken = e;
            throw;
        }
    }

    /// <summary>Reads from the current member's body; 0 at its end.</summary>
    public int ReadBody(Span<byte> destination)
    {
        if (_remaining == 0 || destination.IsEmpty)
            return 0;
        int read = _input.Read(destination.Length > _remaining ? destination[..(int)_remaining] : destination);
        if (read == 0)
            throw Break(Cut().At(Current.Name, Current.Offset));
        _remaining -= read;
        return read;
    }

    public void Dispose() => _input.Dispose();

    private void SkipBody()
    {
        if (_remaining + _padding > 0 && !_input.TrySkip(_remaining + _padding))
            throw Cut().At(Current.Name, Current.Offset);
        _remaining = _padding = 0;
    }

    private bool ReadHeaders()
    {
        Current.Records.Clear();
        _longName = _longLinkName = null;
        bool extended = false;
        long first = Position;
        while (true)
        {
            long offset = Position;
            try
            {
                ReadOnlySpan<byte> block = _input.TakeBlock();
                if (block.IsEmpty || (block[0] == 0 && !block.ContainsAnyExcept((byte)0)))
                {
                    EndAt(block, extended || _longName is not null || _longLinkName is not null);
                    return false;
                }

                if (block.Length < TarHeader.BlockSize)
                    throw Cut();
                if (!TarHeader.ChecksumMatches(block))
                    throw new LayerRefusedException(TarRules.Checksum,
                        "the header's checksum is wrong: the tar is damaged here, or this is no tar");
                if (++_count > limits.Entries)
                    throw new LayerRefusedException(TarRules.EntryCount, $"the layer has more than the {limits.Entries} entries allowed");
                switch (block[TarHeader.Type])
                {
                    case TarTypes.ExtendedHeader:
                        _count--;
                        RefuseSecond(extended, "extended header");
                        extended = true;
                        Take(Current.Records, SizeOf(block));
                        break;
                    case TarTypes.GlobalHeader:
                        // Readers differ in whether the entry's own headers outlive a global one between them and their entry.
                        if (extended || _longName is not null || _longLinkName is not null)
                            throw new LayerRefusedException(TarRules.HeaderOrder,
                                "a global header stands between an entry and its own extended header or long name");
                        Take(Current.GlobalRecords, SizeOf(block));
                        if (Current.GlobalRecords is var global
                            && (global.Has(PaxKey.Path) || global.Has(PaxKey.LinkPath) || global.Has(PaxKey.Size)))
                            throw new LayerRefusedException(TarRules.PaxGlobal,
                                "a global header gives every entry the same name, link or size");
                        if (offset == first)
                            first = Position;
                        break;
                    case TarTypes.LongName:
                        _count--;
                        RefuseSecond(_longName is not null, "long name");
                        _longName = TakeLongName(SizeOf(block));
                        break;
                    case TarTypes.LongLinkName:
                        _count--;
                        RefuseSecond(_longLinkName is not null, "long link name");
                        _longLinkName = TakeLongName(SizeOf(block));
                        break;
                    default:
                        Current.Offset = first;
                        ReadMember(block);
                        return true;
                }
            }
            catch (LayerRefusedException e)
            {
                throw e.At(tarOffset: offset);
            }
        }
    }

    private void EndAt(ReadOnlySpan<byte> block, bool orphan)
    {
        if (orphan)
            throw new LayerRefusedException(TarRules.HeaderOrder, "the tar ends after an extended header or long name, without its entry");
        _ended = true;
        if (block.IsEmpty)
            return;
        if (block.Length < TarHeader.BlockSize)
            throw Cut();
        HasEnd = true;
        // The end is two zero blocks. One and the end of the stream is taken, as most readers do; one and another header is damage.
        ReadOnlySpan<byte> second = _input.TakeBlock();
        if (second.Length is > 0 and < TarHeader.BlockSize)
            throw Cut();
        if (second.ContainsAnyExcept((byte)0))
            throw new LayerRefusedException(TarRules.End, "after a single zero block the tar goes on");
        HasTrailingData = _input.Drain();
    }

    private void ReadMember(ReadOnlySpan<byte> block)
    {
        TarMember member = Current;
        TarDialect dialect = TarHeader.DialectOf(block);
        byte type = block[TarHeader.Type];
        member.Name = NameOf(block, dialect);
        // BSD's old tar marked directories by the slash alone, and some tools still do.
        member.Type = type switch
        {
            TarTypes.OldFile or TarTypes.File or TarTypes.ContiguousFile => member.Name.EndsWith('/') ? TarTypes.Directory : TarTypes.File,
            _ => type,
        };
        _globalBytes += member.GlobalBytes;
        if (_globalBytes > limits.GlobalRecordBytes)
            throw new LayerRefusedException(TarRules.PaxMultiplied,
                $"global headers give the entries up to here {_globalBytes} bytes of metadata, {limits.GlobalRecordBytes} are allowed")
                .At(member.Name, member.Offset);
        member.LinkName = type is TarTypes.HardLink or TarTypes.SymbolicLink ? LinkNameOf(block) : "";
        if ((member.Records.SparseKey ?? member.GlobalRecords.SparseKey) is { } sparse)
            throw new LayerRefusedException(TarRules.Sparse, $"the record '{sparse}' says that the entry is stored sparse")
                .At(member.Name, member.Offset);
        if (type == TarTypes.GnuSparse)
            throw new LayerRefusedException(TarRules.Sparse, "the entry is stored sparse, in GNU's old format")
                .At(member.Name, member.Offset);

        member.Size = TarTypes.IsHeaderOnly(type) ? 0 : MemberSize(block);
        if (member.IsDirectory && member.Size > 0)
            throw new LayerRefusedException(TarRules.KindConflict, $"the file's name ends in '/', but it has {member.Size} bytes")
                .At(member.Name, member.Offset);
        _remaining = member.Size;
        _padding = (int)(-member.Size & (TarHeader.BlockSize - 1));
        member.Write = member[PaxKey.ModificationTime].IsEmpty ? TimeOf(block[TarHeader.ModificationTime]) : default;
        (member.Access, member.Change) = dialect switch
        {
            TarDialect.Gnu => (OptionalTimeOf(block[TarHeader.GnuAccessTime]), OptionalTimeOf(block[TarHeader.GnuChangeTime])),
            TarDialect.Star => (OptionalTimeOf(block[TarHeader.StarAccessTime]), OptionalTimeOf(block[TarHeader.StarChangeTime])),
            _ => default,
        };
    }

    private string NameOf(ReadOnlySpan<byte> block, TarDialect dialect)
    {
        ReadOnlySpan<byte> recorded = Current.Records[PaxKey.Path];
        if (!recorded.IsEmpty)
            return Agreeing(Decode(recorded), _longName, "names");
        if (_longName is not null)
            return _longName;
        ReadOnlySpan<byte> name = TarHeader.Text(block[TarHeader.Name]);
        ReadOnlySpan<byte> prefix = dialect switch
        {
            TarDialect.Ustar => TarHeader.Text(block[TarHeader.Prefix]),
            TarDialect.Star => TarHeader.Text(block[TarHeader.StarPrefix]),
            _ => default,
        };
        if (prefix.IsEmpty)
            return Decode(name);
        Span<byte> whole = stackalloc byte[256];
        prefix.CopyTo(whole);
        whole[prefix.Length] = (byte)'/';
        name.CopyTo(whole[(prefix.Length + 1)..]);
        return Decode(whole[..(prefix.Length + 1 + name.Length)]);
    }

    private string LinkNameOf(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> recorded = Current.Records[PaxKey.LinkPath];
        return recorded.IsEmpty
            ? _longLinkName ?? Decode(TarHeader.Text(block[TarHeader.LinkName]))
            : Agreeing(Decode(recorded), _longLinkName, "links");
    }

    // Readers differ in which of the two wins, so one layer would mean two things.
    private static string Agreeing(string recorded, string? longName, string what) =>
        longName is null || longName == recorded
            ? recorded
            : throw new LayerRefusedException(TarRules.HeaderOrder,
                $"the PAX record and the GNU header {what} it differently: '{recorded}', '{longName}'");

    private static string Decode(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            throw new LayerRefusedException(NameRules.Encoding, $"the name '{Encoding.UTF8.GetString(text)}' is not well-formed UTF-8");
        if (text.Contains((byte)0))
            throw new LayerRefusedException(NameRules.ControlCharacter, "the name holds a NUL");
        return Encoding.UTF8.GetString(text);
    }

    private long MemberSize(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> recorded = Current.Records[PaxKey.Size];
        if (recorded.IsEmpty)
            return SizeOf(block);
        int used = 0;
        long size = 0;
        bool right = recorded[0] is >= (byte)'0' and <= (byte)'9'
            && Utf8Parser.TryParse(recorded, out size, out used)
            && used == recorded.Length
            && size <= LargestSize;
        return right ? size
            : throw new LayerRefusedException(TarRules.PaxNumber,
            $"the size '{Encoding.UTF8.GetString(recorded)}' is no decimal number in range");
    }

    private static long SizeOf(ReadOnlySpan<byte> block) =>
        TarHeader.TryReadNumber(block[TarHeader.Size], out long size) && size is >= 0 and <= LargestSize
            ? size
            : throw NoNumber("size", block[TarHeader.Size]);

    private static FileTime TimeOf(ReadOnlySpan<byte> field) =>
        TarHeader.TryReadNumber(field, out long seconds) ? PaxTime.FromUnixSeconds(seconds) : throw NoNumber("time", field);

    private static FileTime? OptionalTimeOf(ReadOnlySpan<byte> field) => field[0] == 0 ? null : TimeOf(field);

    private static LayerRefusedException NoNumber(string what, ReadOnlySpan<byte> field) =>
        new(TarRules.Number, $"the header's {what} field is no number in range: {Convert.ToHexStringLower(field)}");

    private static void RefuseSecond(bool already, string what)
    {
        if (already)
            throw new LayerRefusedException(TarRules.HeaderOrder, $"a second {what} comes before the entry");
    }

    private void Take(PaxRecords records, long size)
    {
        if (records.Length + size > limits.PaxBytes)
            throw new LayerRefusedException(TarRules.PaxSize, $"the extended header has {size} bytes, {limits.PaxBytes} are allowed");
        if (!records.TryTake(_input, (int)size))
            throw Cut();
        SkipPadding(size);
    }

    private string TakeLongName(long size)
    {
        if (size > limits.PaxBytes)
            throw new LayerRefusedException(TarRules.PaxSize, $"the long name has {size} bytes, {limits.PaxBytes} are allowed");
        byte[] text = new byte[size];
        if (_input.ReadFully(text) < size)
            throw Cut();
        SkipPadding(size);
        return Decode(TarHeader.Text(text));
    }

    private void SkipPadding(long size)
    {
        if (!_input.TrySkip(-size & (TarHeader.BlockSize - 1)))
            throw Cut();
    }

    private static LayerRefusedException Cut() => new(TarRules.Truncated, "the tar ends here, in the middle of an entry");

    private LayerRefusedException Break(LayerRefusedException refusal)
    {
        _broken = refusal;
        return refusal;
    }
}
