using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>An unpacked portable layer as a listing.</summary>
/// <param name="tree">The layer; it belongs to the caller and stays open as long as the listing is used.</param>
public sealed class PortableListing(PortableTree tree) : LayerListing
{
    /// <inheritdoc/>
    public override string Name => tree.Location;

    /// <inheritdoc/>
    public override LayerIdentity Identity => tree.Identity;

    /// <inheritdoc/>
    public override bool IsUnpacked => true;

    /// <inheritdoc/>
    public override IEnumerable<ListingEntry> Read()
    {
        foreach (LayerIndexEntry entry in tree.ReadEntries())
        {
            yield return new ListingEntry
            {
                Kind = entry.Kind switch
                {
                    LayerIndexKind.File => LayerEntryKind.File,
                    LayerIndexKind.Directory => LayerEntryKind.Directory,
                    LayerIndexKind.Link => LayerEntryKind.HardLink,
                    _ => LayerEntryKind.Whiteout,
                },
                Path = entry.Path,
                Metadata = entry.Metadata,
                Size = entry.Size,
                Sha256 = entry.Sha256,
                LinkTarget = entry.Target ?? default,
                IsResolvedLink = entry.Kind == LayerIndexKind.Link && entry.Sha256 is not null,
                Streams = entry.Streams.Count == 0 ? [] : [.. entry.Streams.Select(stream => new ListingStream(stream.Name, stream.Size))],
            };
        }
    }

    /// <inheritdoc/>
    public override FileMetadata? ReadMetadata(LayerPath path, long position) => tree.Find(path) is null ? null : tree.ReadMetadata(path);

    /// <inheritdoc/>
    public override OpenContent OpenContent(LayerPath path, long position) => tree.OpenRead(path);
}
