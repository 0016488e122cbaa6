using WinLayers.Portable;
using WinLayers.Volumes;

namespace WinLayers.Cli.Inputs;

/// <summary>
/// Layer folders opened for reading: those of the portable host by their index, others as plain files. Disposed together.
/// </summary>
internal sealed class LayerTrees : IDisposable
{
    private const string PortableIndex = "layer.jsonl";

    private readonly List<ILayerTree> _trees = [];

    private LayerTrees()
    {
    }

    public IReadOnlyList<ILayerTree> All => _trees;

    public static LayerTrees Open(IEnumerable<string> folders)
    {
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

    public static ILayerTree Open(string folder) =>
        IsPortable(folder) ? PortableLayerHost.Instance.OpenTree(folder) : new FolderTree(folder);

    /// <summary>Whether the portable host made the folder.</summary>
    public static bool IsPortable(string folder) => File.Exists(Path.Combine(folder, PortableIndex));

    public void Dispose()
    {
        foreach (ILayerTree tree in _trees)
            tree.Dispose();
    }
}
