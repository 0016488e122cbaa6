using WinLayers.Formats.Names;
using WinLayers.Portable;
using WinLayers.Volumes;

namespace WinLayers.Cli.Inputs;

/// <summary>What an unpacked layer holds, counted; no file is read.</summary>
/// <param name="Host">Whose folder it is: <c>portable</c> or <c>windows</c>.</param>
/// <param name="Files">Files that are no links; of a folder of Windows all names of files.</param>
/// <param name="Directories">Directories.</param>
/// <param name="Links">Hard links; null where the folder does not tell them from files.</param>
/// <param name="Removals">Removals; null where the folder does not keep them.</param>
/// <param name="Bytes">Bytes of the files, uncompressed.</param>
/// <param name="UtilityVm">The Utility VM's state; null where the layer has none.</param>
internal sealed record LayerSummary(string Host, long Files, long Directories, long? Links, long? Removals, long Bytes, UtilityVmState? UtilityVm)
{
    private static readonly LayerPath UtilityVmFiles = LayerPath.Parse("UtilityVM/Files");
    private static readonly LayerPath BootManager = UtilityVmFiles.Child("EFI").Child("Microsoft").Child("Boot").Child("bootmgfw.efi");
    private static readonly LayerPath Template = LayerPath.Parse("UtilityVM/SystemTemplate.vhdx");
    private static readonly LayerPath[] Roots = [LayerPath.Parse("Files"), LayerPath.Parse("Hives"), UtilityVmFiles];

    public static LayerSummary Of(ILayerTree layer, CancellationToken cancellationToken) =>
        layer is PortableTree portable ? OfPortable(portable, cancellationToken) : OfFolder(layer, cancellationToken);

    private static LayerSummary OfPortable(PortableTree layer, CancellationToken cancellationToken)
    {
        long bytes = 0;
        long[] counts = new long[Enum.GetValues<LayerIndexKind>().Length];
        foreach (LayerIndexEntry entry in layer.ReadEntries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            counts[(int)entry.Kind]++;
            if (entry.Kind == LayerIndexKind.File)
                bytes += entry.Size;
        }

        return new LayerSummary(
            "portable", counts[(int)LayerIndexKind.File], counts[(int)LayerIndexKind.Directory], counts[(int)LayerIndexKind.Link],
            counts[(int)LayerIndexKind.Removed], bytes, StateOf(layer, isProcessed: false));
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
        if (layer.Find(UtilityVmFiles) is not { IsDirectory: true })
            return null;
        if (layer.Find(BootManager) is null)
            return new UtilityVmState(IsBootable: false, $"incomplete: it has no {BootManager}");
        return isProcessed && layer.Find(Template) is null
            ? new UtilityVmState(IsBootable: false, $"incomplete: it has no {Template}")
            : new UtilityVmState(IsBootable: true, isProcessed ? "bootable" : "bootable, once Windows has processed it");
    }
}

/// <summary>Whether a Utility VM can boot.</summary>
internal sealed record UtilityVmState(bool IsBootable, string Detail);
