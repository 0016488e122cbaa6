using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>Writes a layer without parents straight into its own volume, and completes that.</summary>
/// <param name="volume">The layer's volume, empty. It belongs to the caller.</param>
/// <param name="limits">What the layer may cost; the defaults where null.</param>
public sealed class BaseLayerWriter(ILayerVolume volume, LayerLimits? limits = null) : LayerWriter
{
    private readonly BaseAdmission _admission = new(ThrowingFindings.Instance, limits);

    private protected override LayerAdmission Admission => _admission;

    private protected override void Imply(LayerPath directory) =>
        volume.CreateDirectory(directory, FileMetadata.DefaultDirectory, EntryContent.None);

    private protected override void Apply(LayerEntry entry, EntryStep step)
    {
        if (step is EntryStep.Link)
        {
            volume.Link(entry.Path, entry.LinkTarget, volume);
            return;
        }

        if (step is EntryStep.Nothing)
            return;
        if (entry.Kind is LayerEntryKind.Directory)
        {
            if (step is EntryStep.Update)
                volume.UpdateDirectory(entry.Path, entry.Metadata, entry.Content);
            else
                volume.CreateDirectory(entry.Path, entry.Metadata, entry.Content);
            RememberTimes(entry.Path, entry.Metadata);
            return;
        }

        volume.CreateFile(entry.Path, entry.Metadata, entry.Content);
        if (BootFiles.SavedNameOf(entry.Path) is { } savedName)
            volume.SaveCopy(entry.Path, savedName);
    }

    private protected override void Finish()
    {
        foreach (PendingLink link in _admission.PendingLinks)
            MakeLink(volume, link, volume);
        SetDirectoryTimes(volume);
        volume.Complete();
    }
}
