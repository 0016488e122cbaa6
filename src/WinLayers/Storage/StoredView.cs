using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>Opens what a store has unpacked for a look at its files.</summary>
public static class StoredView
{
    /// <summary>
    /// Opens a chain of stored layers; null where <paramref name="host"/> did not make all of them or has nothing to list them from: the
    /// image's blobs are to be read instead.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="name">What the view is called.</param>
    /// <param name="chainId">The uppermost layer.</param>
    /// <param name="host">The host that made the layers.</param>
    /// <exception cref="StoreException">A layer is missing, or its record is damaged.</exception>
    public static ImageView? Open(LayerStore store, string name, Digest chainId, ILayerHost host)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(host);
        IReadOnlyList<StoredLayer> chain = store.GetChain(chainId);
        // A view wants the base first.
        return chain.All(layer => layer.Host == host.Name) ? Open(name, [.. chain.Reverse().Select(layer => layer.Folder)], host) : null;
    }

    private static ImageView? Open(string name, IReadOnlyList<string> folders, ILayerHost host)
    {
        List<ILayerTree> trees = [];
        try
        {
            List<LayerListing> listings = [];
            foreach (string folder in folders)
            {
                trees.Add(host.OpenTree(folder));
                if (host.List(trees[^1]) is { } listing)
                    listings.Add(listing);
            }

            if (listings.Count == trees.Count)
                return new ImageView(name, listings, [.. trees]);
        }
        catch
        {
            Close(trees);
            throw;
        }

        Close(trees);
        return null;
    }

    private static void Close(List<ILayerTree> trees)
    {
        foreach (ILayerTree tree in trees)
            tree.Dispose();
    }
}
