using WinLayers.Formats.Names;

namespace WinLayers.Volumes;

/// <summary>
/// Names beside a layer's roots that tell what a folder is. Each is spelled here, or with the format that it belongs to, and nowhere else.
/// </summary>
internal static class LayerFolderNames
{
    /// <summary>The index of a layer that the portable host made.</summary>
    internal const string PortableIndex = "layer.jsonl";

    /// <summary>The record of a layer that a store has.</summary>
    internal const string StoredRecord = "stored.json";

    /// <summary>The disk of a scratch layer, as Windows names it.</summary>
    internal const string ScratchDisk = "sandbox.vhdx";

    /// <summary>How a scratch layer was made.</summary>
    internal const string ScratchRecord = "scratch.json";

    /// <summary>The empty disk that Windows makes when it has processed a base layer.</summary>
    internal const string BlankDisk = "blank.vhdx";

    /// <summary>Ends the name of the file that holds a directory's metadata, beside it in a transport folder.</summary>
    internal const string DirectoryMarker = ".$wcidirs$";

    /// <summary>The removals of a transport folder, as Windows writes them on export.</summary>
    internal const string Tombstones = "tombstones.txt";

    /// <summary>What every transport folder has: the metadata of its <c>Files</c>.</summary>
    internal const string TransportMarker = LayerRoots.Files + DirectoryMarker;

    /// <summary>Where a store keeps its layers.</summary>
    internal const string StoreLayers = "layers";

    /// <summary>Where a store keeps the records of its images.</summary>
    internal const string StoreImages = "images";
}
