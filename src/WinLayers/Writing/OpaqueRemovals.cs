using WinLayers.Formats.Names;
using WinLayers.Formats.Text;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>
/// An opaque directory hides everything that the layers below have in it. Windows knows no such thing, so it becomes a removal for
/// every child that the layer does not bring itself, and the same again in the directories that it does bring.
/// </summary>
internal static class OpaqueRemovals
{
    internal static IEnumerable<LayerPath> Of(LayerPath directory, LayerNames names, IReadOnlyList<ILayerTree> parents)
    {
        var ahead = new Stack<LayerPath>([directory]);
        while (ahead.TryPop(out LayerPath next))
        {
            foreach (VolumeNode child in ChildrenBelow(next, parents))
            {
                if (names.Find(child.Path) is not { } brought)
                    yield return child.Path;
                else if (brought.Kind is NameKind.Directory && child is { IsDirectory: true, IsReparsePoint: false })
                    ahead.Push(child.Path);
            }
        }
    }

    private static IEnumerable<VolumeNode> ChildrenBelow(LayerPath directory, IReadOnlyList<ILayerTree> parents)
    {
        var seen = new HashSet<string>(NtfsNames.Comparer);
        foreach (ILayerTree parent in parents)
        {
            foreach (VolumeNode child in parent.Enumerate(directory))
            {
                if (seen.Add(child.Path.Name.ToString()))
                    yield return child;
            }
        }
    }
}
