using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Disk;
using WinLayers.Storage;

namespace WinLayers.Unpacking;

/// <summary>
/// Makes good what is damaged in a store: documents from what else the store knows, blobs from where their image came from, layers from
/// their blobs, and the links of layers that stand on one that was made again. What cannot be made good stays as it is.
/// </summary>
/// <param name="store">The store. Nobody pulls, unpacks or collects meanwhile: this waits for them, and they wait for this.</param>
/// <param name="host">Checks and makes the layers that it made; those of another are left alone.</param>
/// <param name="options">Where blobs come from; null fetches nothing.</param>
/// <remarks>Killed at any moment, the store is no worse than before, and the next repair finishes the work.</remarks>
public sealed class StoreRepairer(LayerStore store, ILayerHost host, RepairOptions? options = null)
{
    /// <summary>
    /// Opens a store whose file <c>oci-layout</c> may be damaged or gone: with layers, images and blobs in the folder, it is made anew.
    /// </summary>
    /// <param name="path">The store's folder.</param>
    /// <param name="cancellationToken">Stops waiting for others.</param>
    /// <exception cref="DiskException">The folder cannot be written.</exception>
    /// <exception cref="BlobStoreException">The folder is no store.</exception>
    public static Task<LayerStore> OpenAsync(string path, CancellationToken cancellationToken = default)
    {
        string root = Path.GetFullPath(path);
        if (LayerStore.HasPlaces(root))
            BlobStore.MendMarker(root);
        return LayerStore.OpenAsync(root, cancellationToken);
    }

    /// <summary>Repairs images, or the whole store.</summary>
    /// <param name="images">Which unpacked images, with their blobs and layers; null for all, and all else in the store.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="WinLayersException">The store cannot be read at all. What concerns one thing is in the report.</exception>
    public async Task<RepairReport> RepairAsync(Predicate<ImageRecord>? images = null, CancellationToken cancellationToken = default)
    {
        using StoreLock alone = await store.TakeAloneAsync(cancellationToken).ConfigureAwait(false);
        RepairRun run = new(store, host, options ?? RepairOptions.Default, cancellationToken);
        await using (run.ConfigureAwait(false))
            return await run.RunAsync(images).ConfigureAwait(false);
    }
}
