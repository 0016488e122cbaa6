using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Transport;

/// <summary>
/// Turns a layer's own folder into a tar: a base layer, which Windows has no ExportLayer for. <c>Files</c> and <c>UtilityVM</c> with
/// its <c>Files</c> are walked in the order of an export; what Windows itself put beside them stays out, <c>Hives</c> included: it makes
/// them of <c>Files\Windows\System32\config</c>, where they stay.
/// </summary>
public static class TreeExporter
{
    private static readonly LayerPath RecycleBin = LayerRoots.FilesPath.Child("$Recycle.Bin");

    /// <summary>Writes the tar.</summary>
    /// <param name="tree">The layer.</param>
    /// <param name="tar">Takes the uncompressed tar; stays open. After an exception what it has is no whole tar.</param>
    /// <param name="sharedFile">
    /// What is the same for all names of a file that has several, and null for a file with one: its second and further names become hard
    /// links. Without it every name is a file of its own.
    /// </param>
    public static void Export(ILayerTree tree, Stream tar, Func<LayerPath, object?>? sharedFile = null)
    {
        ArgumentNullException.ThrowIfNull(tree);
        using LayerTarWriter writer = new(tar);
        Dictionary<object, LayerPath> firstNames = [];
        Stack<VolumeNode> pending = new();
        bool hasUtilityVm = tree.Find(LayerRoots.UtilityVmFilesPath) is { IsDirectory: true, IsReparsePoint: false };
        foreach (LayerPath root in (LayerPath[])[LayerRoots.UtilityVmPath, LayerRoots.FilesPath])
        {
            if (tree.Find(root) is { IsDirectory: true } node && (hasUtilityVm || node.Path != LayerRoots.UtilityVmPath))
                pending.Push(node);
        }

        while (pending.TryPop(out VolumeNode node))
        {
            if (node.Path == RecycleBin
                || (node.Path.IsBelow(LayerRoots.UtilityVmPath) && node.Path != LayerRoots.UtilityVmFilesPath
                && !node.Path.IsBelow(LayerRoots.UtilityVmFilesPath)))
                continue;
            Write(tree, writer, node, firstNames, sharedFile);
            if (!node.IsDirectory || node.IsReparsePoint)
                continue;
            foreach (VolumeNode child in tree.Enumerate(node.Path).Reverse())
                pending.Push(child);
        }

        writer.Complete();
    }

    private static void Write(
        ILayerTree tree, LayerTarWriter writer, VolumeNode node, Dictionary<object, LayerPath> firstNames,
            Func<LayerPath, object?>? sharedFile)
    {
        FileMetadata metadata = tree.ReadMetadata(node.Path);
        if (!node.IsDirectory && sharedFile?.Invoke(node.Path) is { } file && !firstNames.TryAdd(file, node.Path))
        {
            writer.Write(new LayerEntry
            {
                Kind = LayerEntryKind.HardLink,
                Path = node.Path,
                Metadata = metadata,
                LinkTarget = firstNames[file],
                TarName = node.Path.ToTarName(),
            });
            return;
        }

        using OpenContent content = tree.OpenRead(node.Path);
        writer.Write(new LayerEntry
        {
            Kind = node.IsDirectory ? LayerEntryKind.Directory : LayerEntryKind.File,
            Path = node.Path,
            Metadata = ExportedMetadata.Of(metadata),
            Content = content,
            TarName = node.Path.ToTarName(),
        });
    }
}
