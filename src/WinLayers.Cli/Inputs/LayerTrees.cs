using WinLayers.Hosts.Portable;
using WinLayers.Layers;

namespace WinLayers.Cli.Inputs;

/// <summary>Layer folders opened for reading: those of the portable host by their index, others as plain files. Disposed together.</summary>
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
        File.Exists(Path.Combine(folder, PortableIndex)) ? PortableLayerHost.Instance.OpenTree(folder) : new FolderTree(folder);

    /// <summary>Whether a folder of the portable host says that its layer has one below.</summary>
    public static bool HasParent(string folder)
    {
        string index = Path.Combine(folder, PortableIndex);
        return File.Exists(index) && File.ReadLines(index).First().Contains("\"parentChainId\"", StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (ILayerTree tree in _trees)
            tree.Dispose();
    }
}
