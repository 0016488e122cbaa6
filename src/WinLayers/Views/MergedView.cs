using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Views;

/// <summary>
/// Layers on top of each other, as a container sees them. <c>Files</c> and <c>Hives</c> are the union, the upper layer's names over the
/// lower one's; <c>UtilityVM</c> is that of the uppermost layer that has one. Memory is the names and metadata; contents are opened
/// from their layer. Finding and enumerating are safe for several threads.
/// </summary>
public sealed class MergedView
{
    private readonly NameTree<MergedItem> _names;

    private MergedView(IReadOnlyList<LayerListing> layers, NameTree<MergedItem> names)
    {
        Layers = layers;
        _names = names;
    }

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<LayerListing> Layers { get; }

    /// <summary>Reads all layers, base first, and puts them on top of each other.</summary>
    /// <exception cref="LayerRefusedException">A layer is damaged, or an entry breaks a rule.</exception>
    public static MergedView Build(IEnumerable<LayerListing> layers, CancellationToken cancellationToken = default)
    {
        LayerListing[] all = [.. layers];
        MergedNames names = new();
        HeldFiles held = new();
        for (int i = 0; i < all.Length; i++)
            new LayerMerge(i, all[i], names, held).Run(cancellationToken);
        return new MergedView(all, names.Tree);
    }

    /// <summary>What is at the path; null where nothing is.</summary>
    public MergedEntry? Find(LayerPath path) => _names.Find(path) is var node and not NameTree.None ? ToEntry(node) : null;

    /// <summary>A directory's children, by name, ordinal.</summary>
    public IEnumerable<MergedEntry> Enumerate(LayerPath directory) =>
        _names.Find(directory) is var node and not NameTree.None ? _names.SortedChildren(node).Select(ToEntry) : [];

    /// <summary>Everything below a directory, each directory before its children, children by name.</summary>
    public IEnumerable<MergedEntry> Walk(LayerPath directory = default) =>
        _names.Find(directory) is var top and not NameTree.None ? _names.Walk(top).Select(ToEntry) : [];

    /// <summary>Opens an entry's data and alternate streams. Belongs to the caller.</summary>
    /// <exception cref="LayerRefusedException">The entry is a link that leads nowhere.</exception>
    /// <exception cref="EntryNotFoundException">No layer describes the entry.</exception>
    public OpenContent OpenContent(MergedEntry entry)
    {
        if (entry.IsBroken)
            throw new LayerRefusedException(LayerRules.LinkToNothing, $"'{entry.Path}' has no content in any layer");
        if (entry.ContentLayer < 0)
            throw new EntryNotFoundException(entry.Path, $"'{entry.Path}' has no content in any layer.");
        return Layers[entry.ContentLayer].OpenContent(entry.ContentPath, entry.ContentPosition);
    }

    /// <summary>Reads all metadata of an entry from its layer; of a packed layer that is a way through the layer up to it.</summary>
    /// <exception cref="EntryNotFoundException">No layer describes the entry.</exception>
    public FileMetadata ReadMetadata(MergedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.ContentLayer < 0
            ? entry.Metadata
            : Layers[entry.ContentLayer].ReadMetadata(entry.ContentPath, entry.ContentPosition)
                ?? throw new EntryNotFoundException(entry.Path, $"'{entry.Path}' is not in its layer any more.");
    }

    private MergedEntry ToEntry(int node)
    {
        MergedItem item = _names[node];
        LayerPath path = LayerPath.FromValue(_names.PathOf(node));
        return new MergedEntry
        {
            Path = path,
            IsDirectory = item.IsDirectory,
            Metadata = item.Content.Metadata ?? FileMetadata.DefaultDirectory,
            Size = item.Content.Size,
            Sha256 = item.Content.Sha256,
            Streams = item.Content.Streams ?? [],
            Layer = item.Layer,
            ContentLayer = item.Content.Layer,
            LinkTarget = item.LinkTarget is { } target ? LayerPath.FromValue(target) : null,
            IsBroken = item.IsBroken,
            ContentPath = item.Content.Path is { } elsewhere ? LayerPath.FromValue(elsewhere) : path,
            ContentPosition = item.Content.Position,
        };
    }
}
