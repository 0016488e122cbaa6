using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;

namespace WinLayers.Storage;

/// <summary>
/// A store: an OCI image layout with the blobs, and beside it the unpacked layers, each under its chain id. Safe for several threads
/// and processes; killed at any moment, it stays whole.
/// </summary>
public sealed class LayerStore
{
    private readonly StorePaths _paths;
    private readonly StoreRoots _roots;

    private LayerStore(StorePaths paths, BlobStore blobs)
    {
        _paths = paths;
        _roots = new StoreRoots(paths);
        Blobs = blobs;
    }

    /// <summary>
    /// Where the store is by default: <c>$WINLAYERS_STORE</c>; else <c>%ProgramData%\WinLayers</c> on Windows, and
    /// <c>$XDG_DATA_HOME/winlayers</c> (<c>~/.local/share/winlayers</c>) elsewhere.
    /// </summary>
    public static string DefaultLocation => StorePaths.DefaultRoot;

    /// <summary>The store's folder, absolute.</summary>
    public string Root => _paths.Root;

    /// <summary>The store's blobs.</summary>
    public BlobStore Blobs { get; }

    /// <summary>Where scratch layers are.</summary>
    public string ScratchFolder => _paths.Scratch;

    /// <summary>Opens a store, and makes one where there is none.</summary>
    /// <param name="path">Its folder; <see cref="DefaultLocation"/> where null.</param>
    /// <param name="cancellationToken">Stops waiting for others.</param>
    /// <exception cref="DiskException">The folder cannot be made or written.</exception>
    /// <exception cref="BlobStoreException">The folder holds something else.</exception>
    /// <exception cref="StoreAccessException">
    /// It is the default store of Windows, and others than its administrators may write to it.
    /// </exception>
    public static async Task<LayerStore> OpenAsync(string? path = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string root = Path.GetFullPath(path ?? DefaultLocation);
        try
        {
            RefuseFile(root);
            if (OperatingSystem.IsWindows() && StoreAccess.IsSystemStore(root))
                StoreAccess.Secure(root);
            // A store may be reached through a link that its owner made; inside it there are none.
            Directory.CreateDirectory(root);
            root = Directory.ResolveLinkTarget(root, returnFinalTarget: true)?.FullName ?? root;
            BlobStore blobs = await BlobStore.CreateAsync(root, cancellationToken).ConfigureAwait(false);
            StorePaths paths = new(root);
            foreach (string folder in (ReadOnlySpan<string>)[paths.Layers, paths.Images, paths.Holds, paths.Temporary, paths.Locks])
                Directory.CreateDirectory(folder);
            return new LayerStore(paths, blobs);
        }
        catch (Exception cause) when (cause is not WinLayersException and (IOException or UnauthorizedAccessException))
        {
            throw DiskException.FromIO(cause, "cannot open the store", root);
        }
    }

    /// <summary>
    /// Whether a folder is a store, not only an image layout: whoever writes into its layout, or keeps blobs there that no name leads to
    /// yet, opens it and holds a
    /// lease. Makes nothing.
    /// </summary>
    public static bool Exists(string path) => new StorePaths(Path.GetFullPath(path)).IsStore;

    /// <summary>
    /// The folder of the store that a layer's or a scratch layer's folder stands in, whatever way the folder is written; null where it
    /// stands in none. Makes nothing.
    /// </summary>
    public static string? FindAround(string layerFolder)
    {
        string layer = Path.TrimEndingDirectorySeparator(Path.GetFullPath(layerFolder));
        return Path.GetDirectoryName(Path.GetDirectoryName(layer)) is { } root && Exists(root) ? root : null;
    }

    // Said plainly: the system's own words for it are about a file that exists, or one that does not.
    private static void RefuseFile(string root)
    {
        for (string? path = root; path is not null; path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path))
                throw new IOException(path == root ? "it is a file, not a folder" : $"'{path}' is a file, not a folder");
        }
    }

    /// <summary>The stored layer with this chain id; null where there is none.</summary>
    /// <exception cref="StoreException">Its record is damaged, or of a newer version.</exception>
    public StoredLayer? TryGetLayer(Digest chainId)
    {
        string folder = _paths.LayerOf(chainId);
        StoredLayer? layer = StoreRecords.ReadLayer(folder);
        if (layer is null && Directory.Exists(folder))
            throw new StoreException($"the layer '{folder}' has no record: it is in the making, or was never finished",
                "Unpack its image again.");
        return layer;
    }

    /// <summary>
    /// The same, with null also where the folder or its record is damaged: such a layer is of no use, and
    /// <see cref="BeginLayerAsync(Digest, Digest?, CancellationToken)"/> makes it anew.
    /// </summary>
    internal StoredLayer? FindUsable(Digest chainId)
    {
        try
        {
            return StoreRecords.ReadLayer(_paths.LayerOf(chainId)) is { } layer && layer.Identity.ChainId == chainId ? layer : null;
        }
        catch (StoreException damaged) when (!damaged.IsOfNewerVersion)
        {
            // Not lost: verify tells of it, and so does whoever needs the layer as it is.
            return null;
        }
    }

    /// <summary>All stored layers, in no particular order.</summary>
    /// <param name="onDamaged">Told of each damaged record, whose layer is left out; null throws.</param>
    /// <exception cref="StoreException">A record is damaged.</exception>
    public IReadOnlyList<StoredLayer> ListLayers(Action<string, StoreException>? onDamaged = null)
    {
        List<StoredLayer> layers = [];
        foreach (string folder in Directory.EnumerateDirectories(_paths.Layers))
        {
            try
            {
                // A copy of a layer under another name is none, whatever its record says.
                if (StoreRecords.ReadLayer(folder) is { } layer && layer.Identity.ChainId.Hex == Path.GetFileName(folder))
                    layers.Add(layer);
            }
            catch (StoreException damaged) when (onDamaged is not null)
            {
                onDamaged(folder, damaged);
            }
        }

        return layers;
    }

    /// <summary>The layers of a chain, child to parent.</summary>
    /// <exception cref="StoreException">One is missing, or the records form a circle.</exception>
    public IReadOnlyList<StoredLayer> GetChain(Digest chainId)
    {
        List<StoredLayer> chain = [];
        HashSet<Digest> seen = [];
        for (Digest? next = chainId; next is { } id; next = chain[^1].Identity.ParentChainId)
        {
            if (!seen.Add(id))
                throw new StoreException($"the record of the layer {id} says that it lies below itself",
                    "Remove its folder and unpack the image again.");
            chain.Add(TryGetLayer(id) ?? throw new StoreException($"the layer {id} is not in the store", "Unpack the image again."));
        }

        return chain;
    }

    /// <summary>Keeps every layer and blob from being collected until it is disposed.</summary>
    public async Task<StoreLease> LeaseAsync(CancellationToken cancellationToken = default) =>
        new(await StoreLock.TakeAsync(_paths.StoreLock, shared: true, cancellationToken).ConfigureAwait(false));

    /// <summary>Makes a folder for work in flight on the store's volume, with a lease.</summary>
    /// <exception cref="DiskException">The folder cannot be made.</exception>
    public async Task<StoreWork> BeginWorkAsync(CancellationToken cancellationToken = default)
    {
        StoreLease lease = await LeaseAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new StoreWork(_paths, lease);
        }
        catch (Exception cause)
        {
            lease.Dispose();
            if (cause is IOException or UnauthorizedAccessException)
                throw DiskException.FromIO(cause, "cannot start work in", _paths.Temporary);
            throw;
        }
    }

    /// <summary>
    /// Starts making a layer. Where another process is at the same one, this waits for it; null where the layer is there by then. A folder
    /// whose record is missing or damaged is no layer: it is moved out of the way, for the next collection.
    /// </summary>
    /// <param name="chainId">The layer's chain id.</param>
    /// <param name="parentChainId">That of the layer below; null for a base layer.</param>
    /// <param name="cancellationToken">Stops waiting for others.</param>
    public Task<PendingLayer?> BeginLayerAsync(Digest chainId, Digest? parentChainId, CancellationToken cancellationToken = default) =>
        BeginLayerAsync(chainId, parentChainId, inPlace: false, cancellationToken);

    /// <summary>
    /// The same for a layer that is made where it stays, unseen while it has no record. Its maker holds a lease, or it may be collected.
    /// </summary>
    internal async Task<PendingLayer?> BeginLayerAsync(Digest chainId, Digest? parentChainId, bool inPlace,
        CancellationToken cancellationToken)
    {
        if (FindUsable(chainId) is not null)
            return null;
        StoreLock held = await StoreLock.TakeAsync(_paths.LockOf(chainId.Hex), shared: false, cancellationToken).ConfigureAwait(false);
        try
        {
            if (FindUsable(chainId) is not null)
            {
                held.Remove();
                return null;
            }

            if (Directory.Exists(_paths.LayerOf(chainId)))
                _paths.MoveAside(chainId.Hex);
            return new PendingLayer(_paths, held, chainId, parentChainId, inPlace);
        }
        catch (Exception cause)
        {
            held.Dispose();
            if (cause is IOException or UnauthorizedAccessException)
                throw DiskException.FromIO(cause, "cannot start a layer in", _paths.Temporary);
            throw;
        }
    }

    /// <summary>Records an unpacked image, or a further reference to one. Nothing is written where all of it is recorded.</summary>
    /// <exception cref="StoreException">A newer version recorded it.</exception>
    public Task RecordImageAsync(ImageRecord image, CancellationToken cancellationToken = default) =>
        _roots.RecordImageAsync(image, cancellationToken);

    /// <summary>
    /// Forgets an image; its layers go with the next collection, unless another needs them. False where it is not recorded.
    /// </summary>
    public Task<bool> ForgetImageAsync(Digest manifestDigest, CancellationToken cancellationToken = default) =>
        _roots.ForgetImageAsync(manifestDigest, cancellationToken);

    /// <summary>The recorded images, by manifest digest.</summary>
    /// <param name="onDamaged">Told of each damaged record, which is left out; null throws.</param>
    /// <exception cref="StoreException">A record is damaged.</exception>
    public IReadOnlyList<ImageRecord> ListImages(Action<string, StoreException>? onDamaged = null) => _roots.ListImages(onDamaged);

    /// <summary>
    /// Keeps layers and blobs from being collected until the hold is released, also when this process is gone. A hold of the same name is
    /// replaced. What is not in the store yet is kept from when it is: hold a lease from before it is made until this returns.
    /// </summary>
    public Task HoldAsync(StoreHold hold, CancellationToken cancellationToken = default) => _roots.HoldAsync(hold, cancellationToken);

    /// <summary>Gives a hold up; what it kept goes with the next collection, unless something else needs it. False where there is none.</summary>
    public Task<bool> ReleaseAsync(string name, CancellationToken cancellationToken = default) =>
        _roots.ReleaseAsync(name, cancellationToken);

    /// <summary>The holds, by name.</summary>
    /// <param name="onDamaged">Told of each damaged one, which is left out; null throws.</param>
    /// <exception cref="StoreException">One is damaged.</exception>
    public IReadOnlyList<StoreHold> ListHolds(Action<string, StoreException>? onDamaged = null) => _roots.ListHolds(onDamaged);

    /// <summary>
    /// Collects what nobody needs: work in flight of processes that are gone, layers that no recorded image and no hold
    /// needs, children before parents, and blobs that none of them and not the index leads to. Partial and other blobs are kept for a day: a download
    /// may go on, and
    /// tools that know the store as an OCI image layout alone hold no lease. Goes on after a failure. Layers and blobs are left alone
    /// while anybody holds a lease.
    /// </summary>
    /// <param name="host">The host that destroys layers.</param>
    /// <param name="dryRun">Only tell.</param>
    /// <param name="cancellationToken">Stops between two removals.</param>
    public StoreCollection Collect(ILayerHost host, bool dryRun = false, CancellationToken cancellationToken = default) =>
        new StoreCollector(_paths, this, host, dryRun).Collect(cancellationToken);

    /// <summary>
    /// Checks stored layers by the host that made them: every file's digest, links, streams and the index, against what is on the disk.
    /// </summary>
    /// <param name="host">Checks the layers that it made; others are told of as not checked.</param>
    /// <param name="chainIds">Which; where null all that are there, and all that a recorded image or a layer that is there needs.</param>
    /// <param name="progress">Told how many bytes of files are read by now.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<StoreVerification> VerifyAsync(
        ILayerHost host, IReadOnlyCollection<Digest>? chainIds = null,
            IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => new StoredLayersCheck(_paths, this, host, progress).Run(chainIds, cancellationToken), cancellationToken);
}
