using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Volumes;

/// <summary>A layer of which only the names are known, as its folder will have them: for rules that look into layers below.</summary>
internal sealed class NamesTree(string location, LayerNames names) : ILayerTree
{
    public string Location => location;

    public VolumeNode? Find(LayerPath path) => names.Find(path) is { } node && Stays(node) ? Describe(path, node) : null;

    public IEnumerable<VolumeNode> Enumerate(LayerPath directory) => names.Find(directory) is not { Kind: NameKind.Directory } node
        ? []
        : node.Children.Where(Stays).OrderBy(child => child.Name, StringComparer.Ordinal)
            .Select(child => Describe(directory.Child(child.Name), child));

    public FileMetadata ReadMetadata(LayerPath path) => throw new NotSupportedException("Only the layer's names are known.");

    public OpenContent OpenRead(LayerPath path) => throw new NotSupportedException("Only the layer's names are known.");

    public void Dispose()
    {
    }

    // A layer may take back what it brought.
    private static bool Stays(NameNode node) => !node.Has(NameMarks.WhitedOut);

    private static VolumeNode Describe(LayerPath path, NameNode node) =>
        new(path, node.IsDirectory, node.Kind is NameKind.ReparseDirectory, Length: 0);
}
