using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;

namespace WinLayers.Storage;

/// <summary>One collection of a store. Whoever is killed in the middle of one leaves work for the next and nothing else.</summary>
internal sealed class StoreCollector(StorePaths paths, LayerStore store, ILayerHost host, CollectOptions options)
{
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    private readonly List<CollectedItem> _items = [];
    private readonly DateTime _oldest = TimeProvider.System.GetUtcNow().UtcDateTime - Grace;
    private int _kept;
    private long _keptBytes;

    public StoreCollection Collect(CancellationToken cancellationToken)
    {
        using StoreLock? alone = StoreLock.TryTake(paths.StoreLock);
        if (alone is null && options.Now)
            throw new StoreBusyException(paths.Root, StoreUsers.List(paths));
        CollectLeftovers(cancellationToken);
        _ = StoreUsers.List(paths);
        if (alone is not null)
        {
            CollectWork(cancellationToken);
            var needs = StoreNeeds.Find(store);
            _items.AddRange(needs.Damage);
            if (needs.Damage.Count == 0)
            {
                CollectLayers(needs, cancellationToken);
                CollectBlobs(needs, cancellationToken);
            }
        }

        return new StoreCollection(_items, IsBusy: alone is null) { Kept = _kept, KeptBytes = _keptBytes };
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

        // Documents that were never put in their place. They are there for a moment only, but nothing holds them meanwhile.
        foreach (string path in OldFiles(paths.Temporary).Where(path => BlobStore.IsReplacement(Path.GetFileName(path))))
            Try(path, CollectedKind.Leftover, () => File.Delete(path));
        foreach (string path in OldFiles(paths.Images).Concat(OldFiles(paths.Holds))
            .Where(path => StoreRecords.IsUnfinished(Path.GetFileName(path))))
            Try(path, CollectedKind.Leftover, () => File.Delete(path));
        foreach (string path in Directory.Exists(store.Blobs.PartialFolder)
            ? Directory.EnumerateFiles(store.Blobs.PartialFolder).Order(StringComparer.Ordinal).ToList() : [])
        {
            if (IsDue(path))
                CollectPartial(path);
        }
    }

    // Whoever works in such a folder holds a lease, so none is held.
    private void CollectWork(CancellationToken cancellationToken)
    {
        using HostFolder temporary = HostFolder.Open(paths.Temporary);
        foreach (string name in temporary.List().Where(StorePaths.IsWork).Order(StringComparer.Ordinal).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Try(Path.Combine(paths.Temporary, name), CollectedKind.Leftover, () => temporary.RemoveTree(name));
        }
    }

    // What nothing needs and is not yet due is told of.
    private bool IsDue(string path)
    {
        if (options.Now || File.GetLastWriteTimeUtc(path) < _oldest)
            return true;
        _kept++;
        _keptBytes += new FileInfo(path).Length;
        return false;
    }

    private List<string> OldFiles(string folder) =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Where(path => File.GetLastWriteTimeUtc(path) < _oldest).Order(StringComparer.Ordinal)]
            : [];

    // Whoever writes a blob has its partial file open alone, and looks again whether it is still there once it has.
    private void CollectPartial(string path)
    {
        try
        {
            using FileStream? held = ExclusiveFile.TryOpen(path);
            if (held is not null)
                Try(path, CollectedKind.PartialBlob, () => File.Delete(path));
        }
        catch (DiskException planted) when (planted.Reason == DiskFailure.NotAPlainFile)
        {
            // A link or a device, which nobody here made.
            _items.Add(new CollectedItem(path, CollectedKind.PartialBlob, planted));
        }
    }

    private void CollectBlobs(StoreNeeds needs, CancellationToken cancellationToken)
    {
        HashSet<Digest> gone = [];
        foreach (Digest digest in store.Blobs.List().Select(blob => blob.Digest).OrderBy(digest => digest.Hex, StringComparer.Ordinal)
            .ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string path = store.Blobs.PathOf(digest);
            if (!needs.Blobs.Contains(digest) && IsDue(path))
            {
                if (Try(path, CollectedKind.Blob, () => store.Blobs.Delete(digest)))
                    gone.Add(digest);
            }
        }

        // A name that nothing is left of would be answered with nothing.
        foreach (StoreName name in needs.Names.Where(name => gone.Contains(name.Root) || !store.Blobs.Contains(name.Root)))
            Try(store.FileOf(name), CollectedKind.Name, () => File.Delete(store.FileOf(name)));
    }

    private void CollectLayers(StoreNeeds needs, CancellationToken cancellationToken)
    {
        HashSet<string> damaged = [];
        IReadOnlyList<StoredLayer> layers = store.ListLayers((folder, failure) =>
        {
            damaged.Add(folder);
            _items.Add(new CollectedItem(folder, CollectedKind.Layer, failure));
        });
        Dictionary<Digest, StoredLayer> byChain = layers.ToDictionary(layer => layer.Identity.ChainId);
        HashSet<Digest> needed = [];
        foreach (Digest wanted in needs.Layers)
        {
            for (Digest? next = wanted; next is { } id && needed.Add(id);)
                next = byChain.TryGetValue(id, out StoredLayer? layer) ? layer.Identity.ParentChainId : null;
        }

        // One without a record that can be read does not say what lies below it, so any layer may.
        if (needed.Any(id => !byChain.ContainsKey(id) && Directory.Exists(paths.LayerOf(id))))
            needed.UnionWith(byChain.Keys);

        // A layer whose child could not be removed stays too: the child is of no use without it.
        HashSet<Digest> kept = [];
        foreach (StoredLayer layer in layers.Where(layer => !needed.Contains(layer.Identity.ChainId))
            .OrderByDescending(layer => DepthOf(layer, byChain)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isGone = !kept.Contains(layer.Identity.ChainId)
                && Try(layer.Folder, CollectedKind.Layer, () => Destroy(paths.MoveAside(layer.Identity.ChainId.Hex)),
                    layer.Counts?.ContentBytes);
            if (!isGone && layer.Identity.ParentChainId is { } parent)
                kept.Add(parent);
        }

        // Who makes a layer in its place holds a lease: a folder without a record is nobody's work in flight, and no layer. One that a
        // recorded image or a hold needs is left for the next unpacking to replace.
        HashSet<string> known = [.. layers.Select(layer => layer.Identity.ChainId.Hex), .. needed.Select(chainId => chainId.Hex)];
        foreach (string folder in Directory.EnumerateDirectories(paths.Layers).Order(StringComparer.Ordinal).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = Path.GetFileName(folder);
            bool isRecordless = Digest.TryParse("sha256:" + name, out _) && !damaged.Contains(folder)
                && !File.Exists(Path.Combine(folder, StoreRecords.LayerRecord));
            if (isRecordless && !known.Contains(name))
                Try(folder, CollectedKind.Leftover, () => Destroy(paths.MoveAside(name)));
            else if (isRecordless)
                _items.Add(new CollectedItem(folder, CollectedKind.Layer,
                    new StoreException("it has no record, and it is needed", "Repair its image.")));
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
        foreach (string layer in Directory.EnumerateDirectories(holder).Where(layer => new DirectoryInfo(layer).LinkTarget is null))
            host.Destroy(layer);
        using HostFolder temporary = HostFolder.Open(paths.Temporary);
        temporary.RemoveTree(Path.GetFileName(holder));
    }

    private bool Try(string path, CollectedKind kind, Action remove, long? bytes = null)
    {
        Exception? failure = null;
        long size = bytes ?? SizeOf(path);
        try
        {
            if (!options.DryRun)
                remove();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            failure = cause;
        }

        _items.Add(new CollectedItem(path, kind, failure) { Bytes = size });
        return failure is null;
    }

    // Told, not relied upon: what cannot be looked at counts as nothing.
    private static long SizeOf(string path)
    {
        EnumerationOptions all =
            new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return File.Exists(path) ? new FileInfo(path).Length
            : Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles("*", all).Sum(file => file.Length) : 0;
    }
}
