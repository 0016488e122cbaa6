using WinLayers.Formats.Ntfs;
using WinLayers.Oci.Digests;

namespace WinLayers.Views;

/// <summary>Where a file's content is and what is known of it; names that are links share it.</summary>
internal struct MergedContent
{
    public int Layer;
    public long Position;

    /// <summary>The path at which the layer has it, where that is not the name itself.</summary>
    public string? Path;
    public long Size;
    public FileMetadata? Metadata;
    public Digest? Sha256;
    public IReadOnlyList<ListingStream>? Streams;
}

/// <summary>What the merged view knows of a name.</summary>
internal struct MergedItem
{
    public MergedContent Content;
    public string? LinkTarget;
    public int Layer;

    /// <summary>The uppermost layer that has something at the name or below it.</summary>
    public int TouchedBy;

    public bool IsDirectory;
    public bool IsBroken;
}
