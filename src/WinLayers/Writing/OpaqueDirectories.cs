using WinLayers.Formats.Names;

namespace WinLayers.Writing;

/// <summary>
/// The directories that a layer marks opaque, each once, whatever its letter case. One that lies in another says nothing more: all of the
/// other is hidden anyway. What is left does not overlap, so that dealing with all of them passes over a layer's names once, however
/// many markers there are. Not safe for several threads.
/// </summary>
internal sealed class OpaqueDirectories
{
    // Whether the directory is marked.
    private readonly NameTree<bool> _names = new();
    private int _marked;

    /// <summary>Directories that are only on the way to marked ones.</summary>
    internal int Implied => _names.Count - 1 - _marked;

    /// <summary>Marks a directory.</summary>
    internal void Add(LayerPath directory)
    {
        int node = NameTree.Root;
        ReadOnlySpan<char> value = directory.Value;
        foreach (Range part in directory.Components)
        {
            if (_names[node])
                return;
            node = _names.FindOrAdd(node, value[part]);
        }

        if (!_names[node] && node != NameTree.Root)
            _marked++;
        _names[node] = true;
    }

    /// <summary>The marked directories that lie in no other, as first spelled, ordinal.</summary>
    internal IEnumerable<LayerPath> Outermost()
    {
        var ahead = new Stack<int>([NameTree.Root]);
        while (ahead.TryPop(out int node))
        {
            if (_names[node])
            {
                yield return LayerPath.FromValue(_names.PathOf(node));
                continue;
            }

            List<int> children = _names.SortedChildren(node);
            for (int i = children.Count - 1; i >= 0; i--)
                ahead.Push(children[i]);
        }
    }
}
