using WinLayers.Volumes;

namespace WinLayers.Hosts;

/// <summary>
/// What the operating system, or its portable stand-in, does to layers. Paths are absolute folders.
/// </summary>
public interface ILayerHost
{
    /// <summary>A short name for people: <c>portable</c>, <c>hcs</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Whether what it makes remembers where it was made, as the virtual disks of Windows do: such a layer is made in its place in the
    /// store, unseen until it is whole. Else it is made beside and moved there.
    /// </summary>
    bool BuildsInPlace { get; }

    /// <summary>The id by which the host knows the layer in this folder.</summary>
    Guid GetLayerId(string layerFolder);

    /// <summary>Opens a layer's finished folder for reading: as a parent, for export, for a look.</summary>
    ILayerTree OpenTree(string layerFolder);

    /// <summary>Starts a new layer in an existing, empty folder.</summary>
    ILayerVolume CreateVolume(string layerFolder, LayerIdentity identity);

    /// <summary>
    /// Where the entries of a diff layer go before <see cref="Import"/>: the transport folder on Windows; the volume itself where
    /// a host has no use for staging. Not the volume: then it is the caller's to dispose.
    /// </summary>
    /// <param name="volume">The layer's volume.</param>
    /// <param name="stagingFolder">
    /// A folder for the host, not there yet or empty, and not inside the layer's. The host makes it if it uses it, and removes nothing:
    /// it is the caller's, together with what is in it.
    /// </param>
    ILayerVolume CreateStaging(ILayerVolume volume, string stagingFolder);

    /// <summary>
    /// Turns the staged entries into the diff layer: the import and its plan that follows it, but not <see cref="ProcessUtilityVm"/>. The
    /// staging is complete.
    /// </summary>
    void Import(ILayerVolume volume, ILayerVolume staging, LayerChain parents);

    /// <summary>Finishes a base layer whose volume is complete.</summary>
    void ProcessBaseLayer(string layerFolder);

    /// <summary>Finishes a layer's Utility VM; <paramref name="utilityVmFolder"/> is the layer's <c>UtilityVM</c> folder.</summary>
    void ProcessUtilityVm(string utilityVmFolder);

    /// <summary>Removes a layer and everything the host keeps of it.</summary>
    void Destroy(string layerFolder);
}
