using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Tar;

/// <summary>What an entry of a layer says.</summary>
public enum LayerEntryKind
{
    /// <summary>A file, perhaps a reparse point.</summary>
    File,

    /// <summary>A directory, perhaps a reparse point.</summary>
    Directory,

    /// <summary>A further name of a file that this layer or one below it has.</summary>
    HardLink,

    /// <summary>The path is gone: a file or directory of the layers below.</summary>
    Whiteout,

    /// <summary>Everything below this directory in the layers below is gone.</summary>
    OpaqueDirectory,
}

/// <summary>One entry of a layer, read from its tar once and never looked at as tar again.</summary>
public sealed class LayerEntry
{
    /// <summary>What the entry says.</summary>
    public required LayerEntryKind Kind { get; init; }

    /// <summary>The path it is about: for a whiteout the path that goes, for an opaque marker the directory.</summary>
    public required LayerPath Path { get; init; }

    /// <summary>
    /// Attributes, times, security, extended attributes, reparse point. Times and attributes alone for links and whiteouts.
    /// </summary>
    public required FileMetadata Metadata { get; init; }

    /// <summary>Data and alternate streams, valid until the reader moves on.</summary>
    public EntryContent Content { get; init; } = EntryContent.None;

    /// <summary>The path a hard link leads to, in this layer or below.</summary>
    public LayerPath LinkTarget { get; init; }

    /// <summary>The entry's name as the tar spells it, for messages.</summary>
    public required string TarName { get; init; }

    /// <summary>Where the entry's first header starts in the uncompressed tar.</summary>
    public long TarOffset { get; init; }
}
