namespace WinLayers.Volumes;

/// <summary>The trees of a chain, opened together and disposed together.</summary>
internal sealed class ChainTrees : IDisposable
{
    private readonly List<ILayerTree> _trees = [];

    /// <param name="chain">The layers.</param>
    /// <param name="open">Opens one by its folder.</param>
    public ChainTrees(LayerChain chain, Func<string, ILayerTree> open)
    {
        try
        {
            foreach (string folder in chain)
                _trees.Add(open(folder));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The trees, child to parent.</summary>
    public IReadOnlyList<ILayerTree> All => _trees;

    public void Dispose()
    {
        foreach (ILayerTree tree in _trees)
            tree.Dispose();
    }
}
