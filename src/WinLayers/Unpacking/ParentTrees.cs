using WinLayers.Hosts;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>
/// The layers below, each opened once for all the layers of an image that lie above it: opening one costs as much as it has entries.
/// </summary>
internal sealed class ParentTrees(ILayerHost host) : IDisposable
{
    private readonly Dictionary<string, ILayerTree> _open = [];

    /// <summary>The trees of these layers, in their order. They stay this object's.</summary>
    public IReadOnlyList<ILayerTree> Open(LayerChain layers) => [.. layers.Select(Open)];

    public void Dispose()
    {
        foreach (ILayerTree tree in _open.Values)
            tree.Dispose();
    }

    private ILayerTree Open(string folder)
    {
        if (!_open.TryGetValue(folder, out ILayerTree? tree))
            _open.Add(folder, tree = host.OpenTree(folder));
        return tree;
    }
}
