using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>Takes everything and keeps nothing: stands for the part of a layer that was dealt with elsewhere.</summary>
internal sealed class DiscardingVolume : ILayerVolume
{
    public string Location => "";

    public VolumeNode? Find(LayerPath path) => null;

    public IEnumerable<VolumeNode> Enumerate(LayerPath directory) => [];

    public FileMetadata ReadMetadata(LayerPath path) => throw new FileNotFoundException("Nothing is kept here.", path.Value);

    public OpenContent OpenRead(LayerPath path) => throw new FileNotFoundException("Nothing is kept here.", path.Value);

    public void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
    }

    public void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content)
    {
    }

    public void UpdateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
    }

    public void Link(LayerPath path, LayerPath target, ILayerTree from)
    {
    }

    public void Remove(LayerPath path)
    {
    }

    public void SetDirectoryTimes(LayerPath path, FileAttributes attributes, FileTimes times)
    {
    }

    public void SaveCopy(LayerPath path, string savedName)
    {
    }

    public void Complete()
    {
    }

    public void Dispose()
    {
    }
}
