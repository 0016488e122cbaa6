using WinLayers.Formats.Names;

namespace WinLayers.Views;

/// <summary>
/// Every file that any layer so far has, removed or not, with its uppermost content: Windows looks for a link's target in the folders of
/// the layers, nearest first, not in the merged view.
/// </summary>
internal sealed class HeldFiles
{
    private readonly NameTree<MergedContent> _files = new();

    /// <summary>Notes what a layer has at the path.</summary>
    public void Hold(LayerPath path, MergedContent content) => _files[_files.FindOrAdd(path)] = content;

    /// <summary>What the nearest layer below the given one has at the path; null where none has, or where the layer itself does.</summary>
    public MergedContent? FindBelow(int layer, LayerPath path)
    {
        int node = _files.Find(path);
        if (node is NameTree.None or NameTree.Root || _files[node] is not { Metadata: not null } content || content.Layer == layer)
            return null;
        content.Path ??= path.Value;
        return content;
    }
}
