using WinLayers.Formats.Names;
using WinLayers.Oci.Content;

namespace WinLayers.Volumes;

/// <summary>What a folder is to this library.</summary>
public enum LayerFolderKind
{
    /// <summary>There is no such folder.</summary>
    None,

    /// <summary>A folder with no mark of a layer or a store.</summary>
    Plain,

    /// <summary>A layer that the portable host made: it has an index.</summary>
    Portable,

    /// <summary>A layer of Windows: <c>Files</c>, with <c>Hives</c>, a chain or the disk of a processed base layer beside it.</summary>
    Hcs,

    /// <summary>A layer as ImportLayer of Windows takes it and ExportLayer gives it.</summary>
    Transport,

    /// <summary>A scratch layer: a disk, or what is recorded of one.</summary>
    Scratch,

    /// <summary>A store: an OCI image layout with layers and images beside its blobs.</summary>
    Store,
}

/// <summary>Tells folders of layers and stores from each other by the names in them.</summary>
public static class LayerFolder
{
    /// <summary>What every transport folder holds: the metadata of its <c>Files</c>.</summary>
    public const string TransportMarker = LayerFolderNames.TransportMarker;

    /// <summary>
    /// Looks at the names in a folder. Nothing is opened but a chain file, so a layer's index may still turn out to be damaged. A link to a
    /// folder is what the folder is.
    /// </summary>
    /// <param name="path">The folder.</param>
    public static LayerFolderKind Identify(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
            return LayerFolderKind.None;
        if (HasFile(path, BlobStore.LayoutFile) && HasFolder(path, LayerFolderNames.StoreLayers)
            && HasFolder(path, LayerFolderNames.StoreImages))
            return LayerFolderKind.Store;
        if (HasFile(path, LayerFolderNames.PortableIndex))
            return LayerFolderKind.Portable;
        if (HasFile(path, LayerFolderNames.ScratchDisk) || HasFile(path, LayerFolderNames.ScratchRecord))
            return LayerFolderKind.Scratch;
        if (HasFile(path, LayerFolderNames.TransportMarker))
            return LayerFolderKind.Transport;
        return HasMarksOfWindows(path) ? LayerFolderKind.Hcs : LayerFolderKind.Plain;
    }

    /// <summary>Whether a folder looks like a layer of Windows, whatever else it may be.</summary>
    internal static bool HasMarksOfWindows(string path) =>
        HasFolder(path, LayerRoots.Files)
        && (HasFolder(path, LayerRoots.Hives) || HasFile(path, LayerFolderNames.BlankDisk) || HasChain(path));

    private static bool HasChain(string path)
    {
        try
        {
            return LayerChain.ReadFile(path) is not null;
        }
        catch (LayerChainException)
        {
            // Not a chain, so no mark of a layer either.
            return false;
        }
    }

    private static bool HasFile(string folder, string name) => File.Exists(Path.Combine(folder, name));

    private static bool HasFolder(string folder, string name) => Directory.Exists(Path.Combine(folder, name));
}
