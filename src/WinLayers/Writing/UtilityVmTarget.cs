using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>Where a diff layer's changes of the Utility VM go, at once and in order.</summary>
internal interface IUtilityVmTarget
{
    /// <summary>Makes the layer's <c>UtilityVM</c>. Without an entry, a whiteout came before it.</summary>
    void Start(LayerEntry? entry);

    /// <summary>Takes over what the parent has at this path below <c>UtilityVM\Files</c>, parents first.</summary>
    void Inherit(ILayerTree parent, VolumeNode node);

    /// <summary>The parent's Utility VM is taken over.</summary>
    void Started();

    /// <summary>Makes a directory that no entry describes.</summary>
    void Imply(LayerPath directory);

    /// <summary>Makes, updates or replaces a file or directory.</summary>
    void Apply(LayerEntry entry, EntryStep step);

    /// <summary>Removes a path.</summary>
    void Remove(LayerPath path);
}

/// <summary>Changes the Utility VM in the layer's own folder.</summary>
internal sealed class UtilityVmFolder(ILayerVolume layer) : IUtilityVmTarget
{
    private readonly List<(LayerPath Path, FileMetadata Metadata)> _inherited = [];

    public void Start(LayerEntry? entry) =>
        layer.CreateDirectory(LayerRoots.UtilityVmPath, entry?.Metadata ?? FileMetadata.DefaultDirectory,
            entry?.Content ?? EntryContent.None);

    public void Inherit(ILayerTree parent, VolumeNode node)
    {
        // Shared by a link, what never changes; copied, what Windows changes later or cannot link.
        if (!node.IsDirectory && !node.IsReparsePoint && BootFiles.SavedNameOf(node.Path) is null)
        {
            layer.Link(node.Path, node.Path, parent);
            return;
        }

        FileMetadata metadata = parent.ReadMetadata(node.Path);
        using OpenContent content = parent.OpenRead(node.Path);
        if (!node.IsDirectory)
        {
            layer.CreateFile(node.Path, metadata, content);
            return;
        }

        layer.CreateDirectory(node.Path, metadata, content);
        _inherited.Add((node.Path, metadata));
    }

    public void Started()
    {
        for (int i = _inherited.Count - 1; i >= 0; i--)
            layer.SetDirectoryTimes(_inherited[i].Path, _inherited[i].Metadata.Attributes, _inherited[i].Metadata.Times);
        _inherited.Clear();
    }

    public void Imply(LayerPath directory) => layer.CreateDirectory(directory, FileMetadata.DefaultDirectory, EntryContent.None);

    public void Apply(LayerEntry entry, EntryStep step)
    {
        if (step is EntryStep.Replace)
            layer.Remove(entry.Path);
        if (step is EntryStep.Update)
            layer.UpdateDirectory(entry.Path, entry.Metadata, entry.Content);
        else if (entry.Kind is LayerEntryKind.Directory)
            layer.CreateDirectory(entry.Path, entry.Metadata, entry.Content);
        else
            layer.CreateFile(entry.Path, entry.Metadata, entry.Content);
    }

    public void Remove(LayerPath path) => layer.Remove(path);
}
