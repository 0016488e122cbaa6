using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>
/// Layer folders opened for reading, whoever made them: those of the portable host by their index, others as plain files. Disposed together.
/// </summary>
public sealed class LayerTrees : IDisposable
{
    private readonly List<ILayerTree> _trees = [];

    private LayerTrees()
    {
    }

    /// <summary>The layers, in the order in which they were given.</summary>
    public IReadOnlyList<ILayerTree> All => _trees;

    /// <summary>Opens several folders; none stays open where one of them cannot be.</summary>
    /// <exception cref="LayerIndexException">The index of one is damaged or not complete.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static LayerTrees OpenAll(IEnumerable<string> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var trees = new LayerTrees();
        try
        {
            foreach (string folder in folders)
                trees._trees.Add(Open(folder));
            return trees;
        }
        catch
        {
            trees.Dispose();
            throw;
        }
    }

    /// <summary>Opens one folder. It belongs to the caller.</summary>
    /// <exception cref="LayerIndexException">Its index is damaged or not complete.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static ILayerTree Open(string folder) =>
        LayerFolder.Identify(folder) is LayerFolderKind.Portable ? PortableLayerHost.Instance.OpenTree(folder) : new FolderTree(folder);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ILayerTree tree in _trees)
            tree.Dispose();
    }
}
