using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>
/// Writes a layer's entries, in the order of its tar, into a volume. Entries that break a rule are refused; what was written before
/// stays where it is, so write into a folder that is thrown away when anything fails. Not safe for several threads.
/// </summary>
public abstract class LayerWriter
{
    private readonly List<(LayerPath Path, FileAttributes Attributes, FileTimes Times)> _directories = [];
    private bool _completed;

    private protected LayerWriter()
    {
    }

    /// <summary>How many entries were added.</summary>
    public long EntryCount { get; private set; }

    /// <summary>How many of them are files.</summary>
    public long FileCount { get; private set; }

    /// <summary>Bytes in the files' unnamed streams.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Whether the layer holds a Utility VM, which has to be processed when the layer is in place.</summary>
    public bool HasUtilityVm => Admission.HasUtilityVm;

    /// <summary>The names of the layer and its rules.</summary>
    private protected abstract LayerAdmission Admission { get; }

    /// <summary>Writes one entry. Its content is read before the call returns.</summary>
    /// <exception cref="LayerRefusedException">The entry breaks a rule.</exception>
    public void Add(LayerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ObjectDisposedException.ThrowIf(_completed, this);
        try
        {
            EntryStep step = Admission.Admit(entry);
            foreach (LayerPath directory in Admission.ImpliedDirectories)
                Imply(directory);
            Apply(entry, step);
        }
        catch (LayerRefusedException refused) when (refused.EntryName is null)
        {
            // A volume knows paths, not the tar that they came in.
            throw refused.At(entry.TarName, entry.TarOffset);
        }

        EntryCount++;
        if (entry.Kind is LayerEntryKind.File)
        {
            FileCount++;
            DataBytes += entry.Content.Data.Length;
        }
    }

    /// <summary>Makes links that had to wait, performs removals, sets directory times, and completes what it wrote to.</summary>
    /// <exception cref="LayerRefusedException">The layer as a whole breaks a rule.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        _completed = true;
        Admission.Complete();
        Finish();
    }

    private protected abstract void Imply(LayerPath directory);

    private protected abstract void Apply(LayerEntry entry, EntryStep step);

    private protected abstract void Finish();

    private protected static void MakeLink(ILayerVolume volume, PendingLink link, ILayerTree from)
    {
        try
        {
            volume.Link(link.Path, link.Target, from);
        }
        catch (LayerRefusedException refused) when (refused.EntryName is null)
        {
            throw refused.At(link.Place.TarName, link.Place.TarOffset);
        }
    }

    /// <summary>Notes a directory whose times have to be set again, since making its children changes them.</summary>
    private protected void RememberTimes(LayerPath path, FileMetadata metadata)
    {
        if (metadata.Times != default)
            _directories.Add((path, metadata.Attributes, metadata.Times));
    }

    /// <summary>Sets the times of every noted directory, last added first, so that no directory is touched after its own turn.</summary>
    private protected void SetDirectoryTimes(ILayerVolume volume)
    {
        for (int i = _directories.Count - 1; i >= 0; i--)
            volume.SetDirectoryTimes(_directories[i].Path, _directories[i].Attributes, _directories[i].Times);
    }
}
