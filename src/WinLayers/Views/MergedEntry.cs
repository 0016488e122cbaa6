using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Oci.Digests;

namespace WinLayers.Views;

/// <summary>A file or directory as a container on top of the layers sees it.</summary>
public sealed record MergedEntry
{
    /// <summary>The path, each component spelled as the layer that brought it spells it.</summary>
    public required LayerPath Path { get; init; }

    /// <summary>Whether it is a directory.</summary>
    public required bool IsDirectory { get; init; }

    /// <summary>
    /// Its metadata; for a hard link that of its file. Without security descriptor and extended attributes, which a view does not hold:
    /// <see cref="MergedView.ReadMetadata"/> reads them.
    /// </summary>
    public required FileMetadata Metadata { get; init; }

    /// <summary>Bytes of the unnamed stream.</summary>
    public long Size { get; init; }

    /// <summary>Digest of the unnamed stream, where known.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>Alternate streams.</summary>
    public IReadOnlyList<ListingStream> Streams { get; init; } = [];

    /// <summary>Whether it is a reparse point.</summary>
    public bool IsReparsePoint => Metadata.Reparse is not null;

    /// <summary>Index of the layer that has the name, base 0; -1 for a directory that no layer describes.</summary>
    public required int Layer { get; init; }

    /// <summary>Index of the layer that has the content: for a hard link perhaps one further down.</summary>
    public required int ContentLayer { get; init; }

    /// <summary>Where a hard link leads; null for what is none.</summary>
    public LayerPath? LinkTarget { get; init; }

    /// <summary>A hard link that leads nowhere: it has no content.</summary>
    public bool IsBroken { get; init; }

    /// <summary>Where its layer has the content.</summary>
    internal LayerPath ContentPath { get; init; }

    internal long ContentPosition { get; init; }
}
