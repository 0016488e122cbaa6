using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Transport;

/// <summary>
/// Keeps a diff layer's changes of the Utility VM as a layer tar of their own, to be applied where the layer is imported: a transport
/// folder cannot hold them. Links are left to the plan; what the parent has is taken over when the tar is applied.
/// </summary>
internal sealed class UtilityVmTar(string file) : IUtilityVmTarget, IDisposable
{
    private FileStream? _stream;
    private LayerTarWriter? _writer;

    /// <summary>Whether anything was written.</summary>
    internal bool Exists => _writer is not null;

    public void Start(LayerEntry? entry)
    {
        _stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        _writer = new LayerTarWriter(_stream);
        // The UtilityVM entry that a layer began without, because a whiteout came first, is none here either.
        if (entry is not null)
            _writer.Write(entry);
    }

    public void Inherit(ILayerTree parent, VolumeNode node)
    {
        // Taken over again, from the parent's folder of then, when the tar is applied.
    }

    public void Started()
    {
        // See Inherit.
    }

    public void Imply(LayerPath directory)
    {
        // Left out in the layer, made again when the tar is applied.
    }

    public void Apply(LayerEntry entry, EntryStep step) => _writer!.Write(entry);

    public void Remove(LayerPath path) => _writer!.Write(new LayerEntry
    {
        Kind = LayerEntryKind.Whiteout,
        Path = path,
        TarName = path.ToTarName(),
        Metadata = new FileMetadata(),
    });

    /// <summary>Ends the tar.</summary>
    internal void Complete() => _writer?.Complete();

    public void Dispose()
    {
        _writer?.Dispose();
        _stream?.Dispose();
    }
}
