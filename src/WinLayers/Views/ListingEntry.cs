using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Digests;

namespace WinLayers.Views;

/// <summary>An entry of a layer without its content.</summary>
public sealed record ListingEntry
{
    /// <summary>What the entry says.</summary>
    public required LayerEntryKind Kind { get; init; }

    /// <summary>The path it is about.</summary>
    public required LayerPath Path { get; init; }

    /// <summary>Attributes, times, security, extended attributes, reparse point.</summary>
    public required FileMetadata Metadata { get; init; }

    /// <summary>Bytes of the unnamed stream.</summary>
    public long Size { get; init; }

    /// <summary>Digest of the unnamed stream, where the listing knows it.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>Alternate streams in order.</summary>
    public IReadOnlyList<ListingStream> Streams { get; init; } = [];

    /// <summary>Where a hard link leads.</summary>
    public LayerPath LinkTarget { get; init; }

    /// <summary>A hard link whose other properties are those of the file it leads to, so that the file need not be looked for.</summary>
    public bool IsResolvedLink { get; init; }

    /// <summary>
    /// Where the entry is: the offset of its first header in the uncompressed tar; whatever else a listing needs to find it. Contents are
    /// asked for by rising position. A listing that finds its entries by their paths leaves it 0.
    /// </summary>
    public long Position { get; init; }
}

/// <summary>An alternate stream in a listing.</summary>
/// <param name="Name">The bare name.</param>
/// <param name="Size">How many bytes.</param>
public sealed record ListingStream(string Name, long Size);
