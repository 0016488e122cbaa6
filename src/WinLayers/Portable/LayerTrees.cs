using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>
/// Layer folders opened for reading, whoever made them: those of the portable host by their index, others as plain files.
/// </summary>
public static class LayerTrees
{
    /// <summary>Opens several folders, in this order; none stays open where one of them cannot be.</summary>
    /// <exception cref="LayerIndexException">The index of one is damaged or not complete.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static ChainTrees OpenAll(LayerChain folders) => new(folders, Open);

    /// <summary>Opens one folder. It belongs to the caller.</summary>
    /// <exception cref="LayerIndexException">Its index is damaged or not complete.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static ILayerTree Open(string folder) =>
        LayerFolder.Identify(folder) is LayerFolderKind.Portable ? PortableLayerHost.Instance.OpenTree(folder) : new FolderTree(folder);
}
