namespace WinLayers.Volumes;

/// <summary>The trees of a chain, opened together and disposed together.</summary>
public sealed class ChainTrees : IDisposable
{
    private readonly List<ILayerTree> _trees = [];

    /// <summary>Opens them; none stays open where one of them cannot be.</summary>
    /// <param name="chain">The layers.</param>
    /// <param name="open">Opens one by its folder.</param>
    public ChainTrees(LayerChain chain, Func<string, ILayerTree> open)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(open);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ILayerTree tree in _trees)
            tree.Dispose();
    }
}
