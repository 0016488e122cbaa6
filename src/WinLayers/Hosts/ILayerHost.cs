using WinLayers.Formats;
using WinLayers.Views;
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

    /// <summary>
    /// Lists an opened layer from what the host recorded of it; null where it records nothing to list it from. The tree stays the caller's
    /// and open as long as the listing is used.
    /// </summary>
    LayerListing? List(ILayerTree layer) => null;

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

    /// <summary>
    /// Writes down which layer a finished folder holds, in place of what its volume was made with: its DiffID may be known only now. A
    /// host that keeps no such thing has nothing to do.
    /// </summary>
    void SetIdentity(string layerFolder, LayerIdentity identity);

    /// <summary>
    /// Compares a layer's folder with the digests that the host keeps of it: every file, link and stream, and nothing more there.
    /// </summary>
    /// <param name="layerFolder">The layer's folder.</param>
    /// <param name="parents">The layers below, to compare links that lead into them; those that are not there are not looked at.</param>
    /// <param name="expected">Which layer it should be; null where the folder's own word is enough.</param>
    /// <param name="progress">Told how many bytes are read by now.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was found; <see cref="LayerVerification.NoDigests"/> where the host keeps none.</returns>
    LayerVerification Verify(
        string layerFolder, LayerChain parents, LayerIdentity? expected = null,
            IProgress<long>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Which layer a finished folder holds, as the host itself wrote it down; null where it did not, or where that is damaged.
    /// </summary>
    LayerIdentity? FindIdentity(string layerFolder) => null;

    /// <summary>
    /// Looks for damage that shows without reading a layer's files: its record, which names are there, what they are and their sizes.
    /// <see cref="Verify"/> reads all. Empty where nothing shows, or the host keeps nothing to compare with.
    /// </summary>
    /// <param name="layerFolder">The layer's folder.</param>
    /// <param name="expected">Which layer it should be.</param>
    /// <param name="cancellationToken">Stops.</param>
    IReadOnlyCollection<LayerProblem> FindVisibleDamage(
        string layerFolder, LayerIdentity expected, CancellationToken cancellationToken = default) => [];

    /// <summary>
    /// Makes the links of a layer into those below anew, after one of these was made again: its files are others now, with the same
    /// contents. False where a link cannot be made so, or the host cannot do this: then the layer itself has to be made again.
    /// </summary>
    /// <param name="layerFolder">The layer's folder.</param>
    /// <param name="parents">The layers below, all whole.</param>
    bool TryRelink(string layerFolder, LayerChain parents) => false;

    /// <summary>Turns a finished layer back into its tar. Unpacked over the same parents, the tar gives the same layer.</summary>
    /// <param name="layerFolder">The layer's folder.</param>
    /// <param name="tar">Takes the uncompressed tar; stays open. After an exception what it has is no whole tar.</param>
    /// <param name="workFolder">
    /// A folder that is there, for what the host needs on its way, as large as the layer; what it makes there it removes.
    /// </param>
    /// <param name="parents">The layers below; null takes them from the layer's <c>layerchain.json</c>.</param>
    /// <exception cref="LayerRefusedException">The parents are not those of the layer, or a name has no form in a tar.</exception>
    void Export(string layerFolder, Stream tar, string workFolder, LayerChain? parents = null);

    /// <summary>Removes a layer and everything the host keeps of it.</summary>
    void Destroy(string layerFolder);
}
