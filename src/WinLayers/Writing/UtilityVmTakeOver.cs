using WinLayers.Formats.Names;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>
/// What a layer that changes the Utility VM starts from: all that the nearest layer below has in <c>UtilityVM\Files</c>. The layer's own
/// entries then change it. The one place that says which layer that is, what is taken over of it, and in which order.
/// </summary>
internal static class UtilityVmTakeOver
{
    /// <summary>
    /// The layer to take over from: the nearest that has anything there. Null where there is none, or where it has no plain directory.
    /// </summary>
    /// <param name="parents">The layers below, nearest first.</param>
    internal static ILayerTree? SourceOf(IReadOnlyList<ILayerTree> parents) =>
        parents.FindNearest(LayerRoots.UtilityVmFilesPath) is { Node: { IsDirectory: true, IsReparsePoint: false } } nearest ? nearest.Tree
            : null;

    /// <summary>
    /// What is taken over: <c>UtilityVM\Files</c> itself, then each directory before its children, children by name. Nothing is taken
    /// through a reparse point.
    /// </summary>
    internal static IEnumerable<VolumeNode> Walk(ILayerTree source)
    {
        // Explicit stack: a parent's depth is not bounded.
        var ahead = new Stack<VolumeNode>(
            [new VolumeNode(LayerRoots.UtilityVmFilesPath, IsDirectory: true, IsReparsePoint: false, Length: 0)]);
        while (ahead.TryPop(out VolumeNode node))
        {
            yield return node;
            if (!node.IsDirectory || node.IsReparsePoint)
                continue;
            foreach (VolumeNode child in source.Enumerate(node.Path).Reverse())
                ahead.Push(child);
        }
    }
}
