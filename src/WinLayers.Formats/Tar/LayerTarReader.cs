using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Tar;

/// <summary>
/// Reads a layer's tar entry by entry: ustar, PAX, GNU, star and old V7 archives, with the PAX records of Windows layers in the
/// reference's dialect and in zlayer's. Synchronous; not for use by several threads at once.
/// </summary>
/// <remarks>
/// <para>The layer's root itself (<c>./</c>) is passed over. Names and metadata are checked; whether links and whiteouts make sense
/// in a layer is for the room that applies them.</para>
/// <para>After <see cref="Read"/> has returned null, the stream is read to its end, padding included, so that a digest taken on the
/// way has seen every byte. What stands behind the end of the archive is passed over; <see cref="HasTrailingData"/> tells of it.</para>
/// <para>After a refusal, <see cref="Read"/> goes on behind the refused entry, if the tar itself is whole; a damaged tar stays
/// refused.</para>
/// </remarks>
public sealed class LayerTarReader : IDisposable
{
    private const string OpaqueMarker = ".wh..wh..opq";
    private const string WhiteoutPrefix = ".wh.";

    private readonly Stream _tar;
    private readonly bool _leaveOpen;
    private readonly TarMemberReader _members;
    private readonly EntryMetadataReader _metadata;

    // The entry given out last, and what of it alternate streams need.
    private TarEntryContent? _content;
    private LayerPath _path;
    private string _tarName = "";
    private HashSet<string>? _streamNames;

    // Whether the member the reader stands on was looked at for a stream and is still to be read as an entry.
    private bool _ahead;

    /// <summary>Reads the tar from where the stream stands.</summary>
    /// <param name="tar">The uncompressed tar; need not seek.</param>
    /// <param name="limits">What the layer may cost; the defaults where null.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the reader is disposed.</param>
    public LayerTarReader(Stream tar, LayerLimits? limits = null, bool leaveOpen = true)
    {
        ArgumentNullException.ThrowIfNull(tar);
        limits ??= LayerLimits.Default;
        _tar = tar;
        _leaveOpen = leaveOpen;
        _members = new TarMemberReader(tar, limits);
        _metadata = new EntryMetadataReader(limits);
    }

    /// <summary>Bytes of the tar that the reader has taken so far; after the end, all of them.</summary>
    public long Position => _members.Position;

    /// <summary>Whether anything but zeros came after the end of the archive. Known once <see cref="Read"/> has returned null.</summary>
    public bool HasTrailingData => _members.HasTrailingData;

    /// <summary>
    /// Whether the tar has an end of its own, a block of zeros. Without one, only its digest tells a whole tar from one that was cut
    /// between
    /// two entries. Known once <see cref="Read"/> has returned null.
    /// </summary>
    public bool HasEnd => _members.HasEnd;

    /// <summary>Whether the tar is damaged, so that there is no going on.</summary>
    internal bool IsBroken => _members.IsBroken;

    /// <summary>Bytes in the body of the whiteout or opaque marker given out last, which nobody reads.</summary>
    internal long MarkerBytes { get; private set; }

    /// <summary>Reads the next entry, passing over what is unread of the one before; null at the end.</summary>
    /// <exception cref="LayerRefusedException">The tar is damaged, or the entry breaks a rule.</exception>
    public LayerEntry? Read()
    {
        while (_content is { } content && NextStream(content) is not null)
        {
        }

        while (_ahead || _members.MoveNext())
        {
            _ahead = false;
            _content = null;
            MarkerBytes = 0;
            if (Interpret(_members.Current) is { } entry)
                return entry;
        }

        _content = null;
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _members.Dispose();
        if (!_leaveOpen)
            _tar.Dispose();
    }

    /// <summary>Goes on to the next alternate stream of the entry whose content this is.</summary>
    internal AlternateStream? NextStream(TarEntryContent content)
    {
        if (content != _content)
            throw new InvalidOperationException("The tar's reader has moved on; an entry's content is read before the next one.");
        if (!_ahead && !_members.MoveNext())
            return null;
        _ahead = true;
        TarMember member = _members.Current;
        int colon = member.Name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !NamesThisEntry(member.Name.AsSpan(0, colon)))
            return null;
        _ahead = false;
        try
        {
            string name = ReadStreamName(member, colon);
            return new AlternateStream(name, BodyOf(member));
        }
        catch (LayerRefusedException e)
        {
            throw e.At(member.Name, member.Offset);
        }
    }

    private bool NamesThisEntry(ReadOnlySpan<char> name)
    {
        if (name.SequenceEqual(_tarName))
            return true;
        try
        {
            return LayerPath.Parse(name.ToString()) == _path;
        }
        catch (LayerRefusedException)
        {
            // Read refuses it as an entry, with its place.
            return false;
        }
    }

    private string ReadStreamName(TarMember member, int colon)
    {
        const string dataType = ":$DATA";
        if (!member.IsFile)
            throw new LayerRefusedException(TarRules.AlternateStream, "an alternate stream is no regular file");
        ReadOnlySpan<char> name = member.Name.AsSpan(colon + 1);
        if (name.EndsWith(dataType, StringComparison.OrdinalIgnoreCase))
            name = name[..^dataType.Length];
        StreamName.Check(name);
        string text = name.ToString();
        if (!(_streamNames ??= new HashSet<string>(NtfsNames.Comparer)).Add(text))
            throw new LayerRefusedException(TarRules.AlternateStream, $"the stream '{text}' comes a second time");
        return text;
    }

    private LayerEntry? Interpret(TarMember member)
    {
        try
        {
            LayerPath path = ParseName(member);
            if (path.IsRoot && member.Name.Length > 0 && member.IsDirectory)
                return null;
            if (member.Name.Contains(WhiteoutPrefix, StringComparison.Ordinal) && ReadWhiteout(member, path) is { } whiteout)
                return whiteout;
            if (path.IsRoot)
                throw new LayerRefusedException(TarRules.RootEntry,
                    "the entry stands in the place of the layer's root but is no directory");
            return member.Type switch
            {
                TarTypes.File or TarTypes.Directory or TarTypes.SymbolicLink => ReadNode(member, path),
                TarTypes.HardLink => ReadHardLink(member, path),
                _ => throw new LayerRefusedException(TarRules.EntryType, $"the entry is {Describe(member.Type)}"),
            };
        }
        catch (LayerRefusedException e)
        {
            throw e.At(member.Name, member.Offset);
        }
    }

    private static LayerPath ParseName(TarMember member) =>
        member.Name.Length > 0
            ? LayerPath.Parse(member.Name)
            : throw new LayerRefusedException(TarRules.Name, "the entry has no name");

    private LayerEntry ReadNode(TarMember member, LayerPath path)
    {
        // First, so that the streams of an entry with bad metadata are passed over with it.
        _path = path;
        _tarName = member.Name;
        _streamNames?.Clear();
        _content = new TarEntryContent(this, BodyOf(member));
        FileMetadata metadata = _metadata.ReadFull(member);
        return new LayerEntry
        {
            Kind = metadata.Attributes.HasFlag(FileAttributes.Directory) ? LayerEntryKind.Directory : LayerEntryKind.File,
            Path = path,
            Metadata = metadata,
            Content = _content,
            TarName = member.Name,
            TarOffset = member.Offset,
        };
    }

    private static LayerEntry ReadHardLink(TarMember member, LayerPath path)
    {
        LayerPath target = LayerPath.ParseLinkTarget(member.LinkName);
        if (target.IsRoot)
            throw new LayerRefusedException(TarRules.LinkTarget, $"the hard link's target '{member.LinkName}' is no file");
        return new LayerEntry
        {
            Kind = LayerEntryKind.HardLink,
            Path = path,
            LinkTarget = target,
            Metadata = EntryMetadataReader.ReadBasic(member),
            TarName = member.Name,
            TarOffset = member.Offset,
        };
    }

    private LayerEntry? ReadWhiteout(TarMember member, LayerPath path)
    {
        if (path.Parent.Value is var parent
            && (parent.StartsWith(WhiteoutPrefix, StringComparison.Ordinal)
            || parent.Contains($"\\{WhiteoutPrefix}", StringComparison.Ordinal)))
            throw new LayerRefusedException(TarRules.Whiteout, "the entry stands below a whiteout");
        if (!path.Name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
            return null;
        if (!member.IsFile)
            throw new LayerRefusedException(TarRules.Whiteout, "the whiteout is no regular file");
        bool opaque = path.Name is OpaqueMarker;
        // Other names of this form are AUFS's own bookkeeping, which no Windows layer has.
        if (!opaque && path.Name.StartsWith(WhiteoutPrefix + WhiteoutPrefix, StringComparison.Ordinal))
            throw new LayerRefusedException(TarRules.Whiteout, $"'{path.Name}' is a marker of AUFS that says nothing in a Windows layer");
        MarkerBytes = member.Size;
        return new LayerEntry
        {
            Kind = opaque ? LayerEntryKind.OpaqueDirectory : LayerEntryKind.Whiteout,
            Path = opaque ? path.Parent : path.Parent.Child(path.Name[WhiteoutPrefix.Length..].ToString()),
            Metadata = EntryMetadataReader.ReadBasic(member),
            TarName = member.Name,
            TarOffset = member.Offset,
        };
    }

    private Stream BodyOf(TarMember member) => member.Size == 0 ? Stream.Null : new TarBodyStream(_members);

    private static string Describe(byte type) => type switch
    {
        TarTypes.CharacterDevice => "a character device",
        TarTypes.BlockDevice => "a block device",
        TarTypes.Pipe => "a named pipe",
        > (byte)' ' and < 127 => $"of the unknown type '{(char)type}'",
        _ => $"of the unknown type 0x{type:x2}",
    };
}
