using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;

namespace WinLayers.Storage;

/// <summary>
/// A store: an OCI image layout with the blobs, and beside it the unpacked layers, each under its chain id. Safe for several threads
/// and processes; killed at any moment, it stays whole.
/// </summary>
public sealed class LayerStore
{
    private readonly StorePaths _paths;
    private readonly StoreRoots _roots;
    private readonly StoreNames _names;

    private LayerStore(StorePaths paths, BlobStore blobs)
    {
        _paths = paths;
        _roots = new StoreRoots(paths);
        _names = new StoreNames(paths, blobs);
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
            foreach (string folder in (ReadOnlySpan<string>)[paths.Layers, paths.Images, paths.Holds, paths.Names, paths.Temporary,
                paths.Locks])
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

    /// <summary>Whether a folder has the places of a store, whatever became of the file that says so.</summary>
    internal static bool HasPlaces(string root)
    {
        StorePaths paths = new(root);
        return Directory.Exists(paths.Layers) && Directory.Exists(paths.Images) && Directory.Exists(Path.Combine(root, "blobs"));
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
    public async Task<StoreLease> LeaseAsync(CancellationToken cancellationToken = default)
    {
        StoreLock held = await StoreLock.TakeAsync(_paths.StoreLock, shared: true, cancellationToken).ConfigureAwait(false);
        try
        {
            return new StoreLease(held, StoreUsers.Enter(_paths));
        }
        catch (Exception cause)
        {
            held.Dispose();
            if (cause is IOException or UnauthorizedAccessException)
                throw DiskException.FromIO(cause, "cannot lock", _paths.Locks);
            throw;
        }
    }

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

            _paths.TryMoveAside(chainId.Hex);
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

    /// <summary>
    /// Starts making a layer again that is there and damaged. What is there stays in its place until the new one takes it, or, with a host
    /// that builds in place, has its place again where that fails. Whoever does this has the store alone.
    /// </summary>
    internal async Task<PendingLayer> BeginAgainAsync(Digest chainId, Digest? parentChainId, bool inPlace,
        CancellationToken cancellationToken)
    {
        StoreLock held = await StoreLock.TakeAsync(_paths.LockOf(chainId.Hex), shared: false, cancellationToken).ConfigureAwait(false);
        try
        {
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

    /// <summary>
    /// Waits until nobody has a lease, and keeps others from one: who has the store alone may put layers in the place of others.
    /// </summary>
    internal Task<StoreLock> TakeAloneAsync(CancellationToken cancellationToken) =>
        StoreLock.TakeAsync(_paths.StoreLock, shared: false, cancellationToken);

    /// <summary>
    /// Whether something in a layer's place is none that can be used and nobody's work, or a layer is missing that others stand on: the
    /// links of those lead elsewhere once it is made anew.
    /// </summary>
    internal bool NeedsRepair(IReadOnlyCollection<Digest> chain)
    {
        List<Digest> unusable = [.. chain.Where(id => FindUsable(id) is null)];
        if (unusable.Count == 0)
            return false;
        if (unusable.Any(id => Path.Exists(_paths.LayerOf(id)) && !IsBeingMade(id)))
            return true;
        HashSet<Digest> parents = [.. ListLayers(static (_, _) => { }).Select(layer => layer.Identity.ParentChainId).OfType<Digest>()];
        return unusable.Any(parents.Contains);
    }

    private bool IsBeingMade(Digest chainId)
    {
        using StoreLock? held = StoreLock.TryTake(_paths.LockOf(chainId.Hex));
        held?.Remove();
        return held is null;
    }

    internal StorePaths Paths => _paths;

    /// <summary>Records an unpacked image, or a further reference to one. Nothing is written where all of it is recorded.</summary>
    /// <exception cref="StoreException">A newer version recorded it.</exception>
    public Task RecordImageAsync(ImageRecord image, CancellationToken cancellationToken = default) =>
        _roots.RecordImageAsync(image, cancellationToken);

    internal Task ReplaceImageAsync(ImageRecord image, CancellationToken cancellationToken) =>
        _roots.ReplaceImageAsync(image, cancellationToken);

    /// <summary>
    /// Forgets an image; its layers go with the next collection, unless another needs them. False where it is not recorded.
    /// </summary>
    public async Task<bool> ForgetImageAsync(Digest manifestDigest, CancellationToken cancellationToken = default)
    {
        await _names.ForgetAsync(manifestDigest, cancellationToken).ConfigureAwait(false);
        return await _roots.ForgetImageAsync(manifestDigest, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The recorded images, by manifest digest.</summary>
    /// <param name="onDamaged">Told of each damaged record, which is left out; null throws.</param>
    /// <exception cref="StoreException">A record is damaged.</exception>
    public IReadOnlyList<ImageRecord> ListImages(Action<string, StoreException>? onDamaged = null) => _roots.ListImages(onDamaged);

    /// <summary>
    /// Says what an image's name leads to: one digest, that of an index or of a manifest. Whatever had the name before and does not belong
    /// to it loses it. Images of an index gather under its name as they are brought.
    /// </summary>
    /// <param name="name">The reference as a person would write it, its paths absolute.</param>
    /// <param name="root">What the source gave for it.</param>
    /// <param name="image">
    /// What the store has whole by now, and keeps: one of its manifests, or the root itself; null where nothing.
    /// </param>
    /// <param name="cancellationToken">Stops waiting for others.</param>
    public Task RecordNameAsync(string name, Digest root, Digest? image = null, CancellationToken cancellationToken = default) =>
        _names.RecordAsync(name, root, image, cancellationToken);

    /// <summary>What a name led to when its source was last asked; null where that is not known.</summary>
    /// <exception cref="StoreException">Its record is damaged.</exception>
    public StoreName? FindName(string name) => _names.Find(name);

    /// <summary>The names, in no particular order.</summary>
    /// <param name="onDamaged">Told of each damaged record, which is left out; null throws.</param>
    /// <exception cref="StoreException">A record is damaged.</exception>
    public IReadOnlyList<StoreName> ListNames(Action<string, StoreException>? onDamaged = null) => _names.List(onDamaged);

    /// <summary>
    /// Keeps an image's documents, and what its name leads to, so that it can be found without its source. Its blobs are collected as if
    /// nobody had asked, unless they are kept for another reason.
    /// </summary>
    public async Task RememberAsync(ResolvedImage image, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        await KeepDocumentsAsync(image, cancellationToken).ConfigureAwait(false);
        await RecordNameAsync(image.Name, image.Root, image: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts an image's manifest, its configuration and the indexes that lead to it among the blobs.</summary>
    internal async Task KeepDocumentsAsync(ResolvedImage image, CancellationToken cancellationToken)
    {
        foreach (ImageDocument document in image.Indexes.Append<ImageDocument>(image.Manifest))
            await Blobs.PutAsync(document.Raw.Digest, document.Raw.Bytes, cancellationToken).ConfigureAwait(false);
        await Blobs.PutAsync(image.Manifest.Config.Digest, image.ConfigBytes, cancellationToken).ConfigureAwait(false);
    }

    internal string FileOf(StoreName name) => _names.PathOf(name);

    /// <summary>Forgets a name; its images stay while something else needs them. False where it is not known.</summary>
    public Task<bool> ForgetNameAsync(string name, CancellationToken cancellationToken = default) =>
        _names.ForgetAsync(name, cancellationToken);

    /// <summary>
    /// Keeps layers and blobs from being collected until the hold is released, also when this process is gone. A hold of the same name is
    /// replaced. What is not in the store yet is kept from when it is: hold a lease from before it is made until this returns.
    /// </summary>
    public Task HoldAsync(StoreHold hold, CancellationToken cancellationToken = default) => _roots.HoldAsync(hold, cancellationToken);

    /// <summary>
    /// Gives a hold up; what it kept goes with the next collection, unless something else needs it. False where there is none.
    /// </summary>
    public Task<bool> ReleaseAsync(string name, CancellationToken cancellationToken = default) =>
        _roots.ReleaseAsync(name, cancellationToken);

    /// <summary>The holds, by name.</summary>
    /// <param name="onDamaged">Told of each damaged one, which is left out; null throws.</param>
    /// <exception cref="StoreException">One is damaged.</exception>
    public IReadOnlyList<StoreHold> ListHolds(Action<string, StoreException>? onDamaged = null) => _roots.ListHolds(onDamaged);

    /// <summary>
    /// Collects what nobody needs: work in flight of processes that are gone, layers that no recorded image and no hold
    /// needs, children before parents, and blobs that none of them and not the index leads to. Partial and other blobs are kept for a day:
    /// a download
    /// may go on, and
    /// tools that know the store as an OCI image layout alone hold no lease. Goes on after a failure. Layers and blobs are left alone
    /// while anybody holds a lease.
    /// </summary>
    /// <param name="host">The host that destroys layers.</param>
    /// <param name="dryRun">Only tell.</param>
    /// <param name="cancellationToken">Stops between two removals.</param>
    public StoreCollection Collect(ILayerHost host, bool dryRun = false, CancellationToken cancellationToken = default) =>
        Collect(host, new CollectOptions { DryRun = dryRun }, cancellationToken);

    /// <summary>The same, as the options say.</summary>
    /// <exception cref="StoreBusyException">All is to go at once, and somebody works with the store.</exception>
    public StoreCollection Collect(ILayerHost host, CollectOptions options, CancellationToken cancellationToken) =>
        new StoreCollector(_paths, this, host, options).Collect(cancellationToken);

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
