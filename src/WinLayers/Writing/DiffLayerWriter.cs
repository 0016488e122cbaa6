using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>
/// Writes a layer with parents: everything outside the Utility VM into a staging volume, the Utility VM into the layer's own. Removals,
/// links and directory times follow at the end, in this order, as they do after the import on Windows; a staging that is a transport
/// folder keeps them as its plan. <see cref="LayerWriter.Complete"/> completes the staging; a layer's volume that is another is left to
/// whoever imports.
/// </summary>
public sealed class DiffLayerWriter : LayerWriter
{
    private readonly ILayerVolume _staging;
    private readonly ILayerTree _layer;
    private readonly IReadOnlyList<ILayerTree> _parents;
    private readonly IUtilityVmTarget _utilityVm;
    private readonly DiffAdmission _admission;

    /// <summary>Starts a layer.</summary>
    /// <param name="staging">
    /// Where its entries go: a transport folder, or the layer's volume itself where its host needs no staging.
    /// </param>
    /// <param name="layer">The layer's volume.</param>
    /// <param name="parents">The layers below, nearest first.</param>
    /// <param name="limits">What the layer may cost; the defaults where null.</param>
    public DiffLayerWriter(ILayerVolume staging, ILayerVolume layer, IReadOnlyList<ILayerTree> parents, LayerLimits? limits = null)
        : this(staging, layer, parents, new UtilityVmFolder(layer), limits)
    {
    }

    internal DiffLayerWriter(
        ILayerVolume staging, ILayerTree layer, IReadOnlyList<ILayerTree> parents, IUtilityVmTarget utilityVm, LayerLimits? limits)
    {
        ArgumentNullException.ThrowIfNull(parents);
        _staging = staging;
        _layer = layer;
        _parents = parents;
        _utilityVm = utilityVm;
        _admission = new DiffAdmission(ThrowingFindings.Instance, parents, utilityVm, limits);
    }

    private protected override LayerAdmission Admission => _admission;

    private protected override void Imply(LayerPath directory)
    {
        if (directory.Area is LayerArea.UtilityVm)
        {
            _utilityVm.Imply(directory);
            return;
        }

        // What the layer leaves out has not changed: it stays as the nearest parent has it.
        FileMetadata metadata = _parents.FindNearest(directory) is { Node.IsDirectory: true } nearest
            ? nearest.Tree.ReadMetadata(directory)
            : FileMetadata.DefaultDirectory;

        _staging.CreateDirectory(directory, metadata, EntryContent.None);
        RememberTimes(directory, metadata);
    }

    private protected override void Apply(LayerEntry entry, EntryStep step)
    {
        bool inUtilityVm = entry.Path.Area is LayerArea.UtilityVm;
        switch (step)
        {
            case EntryStep.Remove:
                _utilityVm.Remove(entry.Path);
                return;
            case EntryStep.Create or EntryStep.Update or EntryStep.Replace when inUtilityVm:
                _utilityVm.Apply(entry, step);
                break;
            case EntryStep.Create when entry.Kind is LayerEntryKind.Directory:
                _staging.CreateDirectory(entry.Path, entry.Metadata, entry.Content);
                break;
            case EntryStep.Create:
                _staging.CreateFile(entry.Path, entry.Metadata, entry.Content);
                break;
            case EntryStep.Update:
                _staging.UpdateDirectory(entry.Path, entry.Metadata, entry.Content);
                break;
            default:
                return;
        }

        if (entry.Kind is LayerEntryKind.Directory)
            RememberTimes(entry.Path, entry.Metadata);
    }

    private protected override void Finish()
    {
        foreach (LayerPath path in _admission.Removals)
            _staging.Remove(path);
        foreach (PendingLink link in _admission.PendingLinks)
            MakeLink(_staging, link, link.From ?? _layer);
        SetDirectoryTimes(_staging);
        _staging.Complete();
    }
}
