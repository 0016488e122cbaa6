using WinLayers.Hosts;
using WinLayers.Hosts.Portable;
using WinLayers.Images;

namespace WinLayers.Storage;

internal sealed class StoreCollector(StorePaths paths, LayerStore store, ILayerHost host, bool dryRun)
{
    private readonly List<CollectedItem> _items = [];

    public StoreCollection Collect(CancellationToken cancellationToken)
    {
        CollectLeftovers(cancellationToken);
        using StoreLock? alone = StoreLock.TryTake(paths.StoreLock);
        if (alone is not null)
            CollectLayers(cancellationToken);
        return new StoreCollection(_items, IsBusy: alone is null);
    }

    private void CollectLeftovers(CancellationToken cancellationToken)
    {
        using HostFolder temporary = HostFolder.Open(paths.Temporary);
        foreach (string name in temporary.List().Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (StorePaths.ChainOfPending(name) is { } chain)
            {
                // Whoever makes the layer holds its lock; a lock that can be had means that nobody does.
                using StoreLock? held = StoreLock.TryTake(paths.LockOf(chain));
                if (held is null)
                    continue;
                Try(Path.Combine(paths.Temporary, name), CollectedKind.Leftover, () =>
                {
                    temporary.RemoveTree(name);
                    held.Remove();
                });
            }
            else if (StorePaths.IsRemoved(name))
            {
                Try(Path.Combine(paths.Temporary, name), CollectedKind.Leftover, () => Destroy(Path.Combine(paths.Temporary, name)));
            }
        }
    }

    private void CollectLayers(CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredLayer> layers = store.ListLayers();
        Dictionary<Digest, StoredLayer> byChain = layers.ToDictionary(layer => layer.Identity.ChainId);
        HashSet<Digest> needed = [];
        foreach (Digest wanted in store.ListImages().SelectMany(image => image.Chain))
        {
            for (Digest? next = wanted; next is { } id && needed.Add(id);)
                next = byChain.TryGetValue(id, out StoredLayer? layer) ? layer.Identity.ParentChainId : null;
        }

        // A layer whose child could not be removed stays too: the child is of no use without it.
        HashSet<Digest> kept = [];
        foreach (StoredLayer layer in layers.Where(layer => !needed.Contains(layer.Identity.ChainId)).OrderByDescending(layer => DepthOf(layer, byChain)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isGone = !kept.Contains(layer.Identity.ChainId) && Try(layer.Folder, CollectedKind.Layer, () =>
            {
                string holder = paths.NewRemoved();
                Directory.CreateDirectory(holder);
                using (HostFolder from = HostFolder.Open(paths.Layers))
                using (HostFolder into = HostFolder.Open(holder))
                    from.Rename(layer.Identity.ChainId.Hex, into, layer.Identity.ChainId.Hex);
                Destroy(holder);
            });
            if (!isGone && layer.Identity.ParentChainId is { } parent)
                kept.Add(parent);
        }
    }

    private static int DepthOf(StoredLayer layer, Dictionary<Digest, StoredLayer> byChain)
    {
        int depth = 0;
        for (StoredLayer? at = layer; at?.Identity.ParentChainId is { } parent && depth <= byChain.Count; depth++)
            at = byChain.GetValueOrDefault(parent);
        return depth;
    }

    // The layer keeps its name to the end, because that is how its host knows it.
    private void Destroy(string holder)
    {
        foreach (string layer in Directory.EnumerateDirectories(holder))
            host.Destroy(layer);
        using HostFolder temporary = HostFolder.Open(paths.Temporary);
        temporary.RemoveTree(Path.GetFileName(holder));
    }

    private bool Try(string path, CollectedKind kind, Action remove)
    {
        Exception? failure = null;
        try
        {
            if (!dryRun)
                remove();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            failure = cause;
        }

        _items.Add(new CollectedItem(path, kind, failure));
        return failure is null;
    }
}
