using WinLayers.Formats.Names;

namespace WinLayers.Volumes;

/// <summary>Finds what lies below a layer, nearest layer first.</summary>
internal static class ParentSearch
{
    /// <summary>The nearest layer that has anything at the path, and what; null where none has.</summary>
    internal static (ILayerTree Tree, VolumeNode Node)? FindNearest(this IReadOnlyList<ILayerTree> parents, LayerPath path)
    {
        foreach (ILayerTree parent in parents)
        {
            if (parent.Find(path) is { } node)
                return (parent, node);
        }

        return null;
    }
}
