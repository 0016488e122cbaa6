using WinLayers.Formats.Names;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;

namespace WinLayers.Portable;

/// <summary>A portable layer as another one sees it that links to its files.</summary>
internal interface IPortableLayer
{
    /// <summary>The layer's chain id.</summary>
    Digest ChainId { get; }

    /// <summary>The entry that has a file's digest, metadata and streams, whatever name leads to it; null where no file is there.</summary>
    LayerIndexEntry? FindContent(LayerPath path);

    /// <summary>Gives a file a further name in a folder of any layer; false where the file system cannot.</summary>
    bool TryLinkInto(LayerPath path, HostFolder folder, string name);

    /// <summary>Takes a file's alternate streams over.</summary>
    void GiveStreams(LayerIndexEntry content, StreamStore streams);
}
