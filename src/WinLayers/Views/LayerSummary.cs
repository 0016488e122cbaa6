using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Views;

/// <summary>What an unpacked layer holds, counted; no file is read.</summary>
/// <param name="Host">Whose folder it is: <c>portable</c> where a host recorded what is in it, else <c>windows</c>.</param>
/// <param name="Files">Files that are no links; of a folder of Windows all names of files.</param>
/// <param name="Directories">Directories.</param>
/// <param name="Links">Hard links; null where the folder does not tell them from files.</param>
/// <param name="Removals">Removals; null where the folder does not keep them.</param>
/// <param name="Bytes">Bytes of the files, uncompressed.</param>
/// <param name="UtilityVm">The Utility VM's state; null where the layer has none.</param>
public sealed record LayerSummary(
    string Host, long Files, long Directories, long? Links, long? Removals, long Bytes, UtilityVmState? UtilityVm)
{
    private static readonly LayerPath Template = LayerRoots.UtilityVmPath.Child("SystemTemplate.vhdx");
    private static readonly LayerPath[] Roots = [LayerRoots.FilesPath, LayerRoots.HivesPath, LayerRoots.UtilityVmFilesPath];

    /// <summary>Counts what is in a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="listing">Its listing, where its host has one: it tells links and removals too. Null walks the folder.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static LayerSummary Of(ILayerTree layer, LayerListing? listing, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return listing is null ? OfFolder(layer, cancellationToken) : OfListing(layer, listing, cancellationToken);
    }

    private static LayerSummary OfListing(ILayerTree layer, LayerListing listing, CancellationToken cancellationToken)
    {
        long bytes = 0, files = 0, directories = 0, links = 0, removals = 0;
        foreach (ListingEntry entry in listing.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            _ = entry.Kind switch
            {
                LayerEntryKind.File => files++,
                LayerEntryKind.Directory => directories++,
                LayerEntryKind.HardLink => links++,
                _ => removals++,
            };
            if (entry.Kind is LayerEntryKind.File)
                bytes += entry.Size;
        }

        return new LayerSummary("portable", files, directories, links, removals, bytes, StateOf(layer, isProcessed: false));
    }

    private static LayerSummary OfFolder(ILayerTree layer, CancellationToken cancellationToken)
    {
        long files = 0, directories = 0, bytes = 0;
        Stack<VolumeNode> ahead = new(Roots.Select(root => layer.Find(root)).OfType<VolumeNode>());
        while (ahead.TryPop(out VolumeNode node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            bytes += node.Length;
            _ = node.IsDirectory ? directories++ : files++;
            if (!node.IsDirectory || node.IsReparsePoint)
                continue;
            foreach (VolumeNode child in layer.Enumerate(node.Path))
                ahead.Push(child);
        }

        return new LayerSummary("windows", files, directories, Links: null, Removals: null, bytes, StateOf(layer, isProcessed: true));
    }

    // The template is made by Windows when it processes the layer; a layer that it has not seen yet cannot lack it.
    private static UtilityVmState? StateOf(ILayerTree layer, bool isProcessed)
    {
        if (layer.Find(LayerRoots.UtilityVmFilesPath) is not { IsDirectory: true })
            return null;
        if (layer.Find(BootFiles.Manager) is null)
            return new UtilityVmState(IsBootable: false, $"incomplete: it has no {BootFiles.Manager}");
        return isProcessed && layer.Find(Template) is null
            ? new UtilityVmState(IsBootable: false, $"incomplete: it has no {Template}")
            : new UtilityVmState(IsBootable: true, isProcessed ? "bootable" : "bootable, once Windows has processed it");
    }
}

/// <summary>Whether a Utility VM can boot.</summary>
/// <param name="IsBootable">Whether it can.</param>
/// <param name="Detail">The same for people.</param>
public sealed record UtilityVmState(bool IsBootable, string Detail);
