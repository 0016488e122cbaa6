using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>
/// A store: an OCI image layout with the blobs, and beside it the unpacked layers, each under its chain id. Safe for several threads
/// and processes; killed at any moment, it stays whole.
/// </summary>
public sealed class LayerStore
{
    private readonly StorePaths _paths;

    private LayerStore(StorePaths paths, BlobStore blobs)
    {
        _paths = paths;
        Blobs = blobs;
    }

    /// <summary>
    /// Where the store is by default: <c>$WINLAYERS_STORE</c>; else <c>%ProgramData%\WinLayers</c> on Windows, and
    /// <c>$XDG_DATA_HOME/winlayers</c> (<c>~/.local/share/winlayers</c>) elsewhere.
    /// </summary>
    public static string DefaultLocation
    {
        get
        {
            if (Environment.GetEnvironmentVariable("WINLAYERS_STORE") is { Length: > 0 } chosen)
                return Path.GetFullPath(chosen);
            if (OperatingSystem.IsWindows())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "WinLayers");

            // The specification has relative values ignored.
            string? data = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
            if (!Path.IsPathFullyQualified(data ?? ""))
                data = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
            return Path.Combine(data!, "winlayers");
        }
    }

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
    public static async Task<LayerStore> OpenAsync(string? path = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string root = Path.GetFullPath(path ?? DefaultLocation);
        try
        {
            RefuseFile(root);
            // A store may be reached through a link that its owner made; inside it there are none.
            Directory.CreateDirectory(root);
            root = Directory.ResolveLinkTarget(root, returnFinalTarget: true)?.FullName ?? root;
            BlobStore blobs = await BlobStore.CreateAsync(root, cancellationToken).ConfigureAwait(false);
            StorePaths paths = new(root);
            foreach (string folder in (ReadOnlySpan<string>)[paths.Layers, paths.Images, paths.Temporary, paths.Locks])
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
    /// <exception cref="StoreException">Its record is damaged.</exception>
    public StoredLayer? TryGetLayer(Digest chainId)
    {
        string folder = _paths.LayerOf(chainId);
        StoredLayer? layer = StoreRecords.ReadLayer(folder);
        if (layer is null && Directory.Exists(folder))
            throw new StoreException($"the layer '{folder}' has no record: it is in the making, or was never finished", "Unpack its image again.");
        return layer;
    }

    /// <summary>
    /// The same, with null also where the folder or its record is damaged: such a layer is of no use, and
    /// <see cref="BeginLayerAsync(LayerIdentity, CancellationToken)"/> makes it anew.
    /// </summary>
    internal StoredLayer? FindUsable(Digest chainId)
    {
        try
        {
            return StoreRecords.ReadLayer(_paths.LayerOf(chainId)) is { } layer && layer.Identity.ChainId == chainId ? layer : null;
        }
        catch (StoreException)
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
                throw new StoreException($"the record of the layer {id} says that it lies below itself", "Remove its folder and unpack the image again.");
            chain.Add(TryGetLayer(id) ?? throw new StoreException($"the layer {id} is not in the store", "Unpack the image again."));
        }

        return chain;
    }

    /// <summary>Keeps every layer and blob from being collected until it is disposed.</summary>
    public async Task<StoreLease> LeaseAsync(CancellationToken cancellationToken) =>
        new(await StoreLock.TakeAsync(_paths.StoreLock, shared: true, cancellationToken).ConfigureAwait(false));

    /// <summary>Makes a folder for work in flight on the store's volume, with a lease.</summary>
    /// <exception cref="DiskException">The folder cannot be made.</exception>
    public async Task<StoreWork> BeginWorkAsync(CancellationToken cancellationToken)
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
    public Task<PendingLayer?> BeginLayerAsync(LayerIdentity identity, CancellationToken cancellationToken) =>
        BeginLayerAsync(identity, inPlace: false, cancellationToken);

    /// <summary>
    /// The same for a layer that is made where it stays, unseen while it has no record. Its maker holds a lease, or it may be collected.
    /// </summary>
    internal async Task<PendingLayer?> BeginLayerAsync(LayerIdentity identity, bool inPlace, CancellationToken cancellationToken)
    {
        if (FindUsable(identity.ChainId) is not null)
            return null;
        StoreLock held = await StoreLock.TakeAsync(_paths.LockOf(identity.ChainId.Hex), shared: false, cancellationToken).ConfigureAwait(false);
        try
        {
            if (FindUsable(identity.ChainId) is not null)
            {
                held.Remove();
                return null;
            }

            if (Directory.Exists(_paths.LayerOf(identity.ChainId)))
                _paths.MoveAside(identity.ChainId.Hex);
            return new PendingLayer(_paths, held, identity, inPlace);
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
    public async Task RecordImageAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        if (FindRecord(image.ManifestDigest) is { } recorded && recorded.Chain.SequenceEqual(image.Chain) && !image.References.Except(recorded.References, StringComparer.Ordinal).Any())
            return;
        using StoreLock held = await StoreLock.TakeAsync(_paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> before = FindRecord(image.ManifestDigest)?.References ?? [];
        StoreRecords.WriteImage(_paths.Images, image with { References = [.. before.Union(image.References, StringComparer.Ordinal)] });
    }

    // Null also for a damaged record: what replaces it heals it, and the names that the image had besides are lost with it.
    private ImageRecord? FindRecord(Digest manifestDigest)
    {
        try
        {
            return StoreRecords.ReadImage(Path.Combine(_paths.Images, StoreRecords.ImageFile(manifestDigest)));
        }
        catch (StoreException)
        {
            return null;
        }
    }

    /// <summary>
    /// Forgets an image; its layers go with the next collection, unless another needs them. False where it is not recorded.
    /// </summary>
    public async Task<bool> ForgetImageAsync(Digest manifestDigest, CancellationToken cancellationToken)
    {
        using StoreLock held = await StoreLock.TakeAsync(_paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        string name = StoreRecords.ImageFile(manifestDigest);
        using HostFolder images = HostFolder.Open(_paths.Images);
        if (images.Find(name) is null)
            return false;
        images.RemoveFile(name);
        images.Sync();
        return true;
    }

    /// <summary>The recorded images, by manifest digest.</summary>
    /// <param name="onDamaged">Told of each damaged record, which is left out; null throws.</param>
    /// <exception cref="StoreException">A record is damaged.</exception>
    public IReadOnlyList<ImageRecord> ListImages(Action<string, StoreException>? onDamaged = null)
    {
        List<ImageRecord> images = [];
        foreach (string file in Directory.EnumerateFiles(_paths.Images, "*.json").Order(StringComparer.Ordinal))
        {
            if (StoreRecords.IsUnfinished(Path.GetFileName(file)))
                continue;
            try
            {
                if (StoreRecords.ReadImage(file) is { } image)
                    images.Add(image);
            }
            catch (StoreException damaged) when (onDamaged is not null)
            {
                onDamaged(file, damaged);
            }
        }

        return images;
    }

    /// <summary>
    /// Collects what nobody needs: work in flight of processes that are gone, layers that no recorded image needs, children before
    /// parents, and blobs that neither a recorded image nor the index leads to. Partial and other blobs are kept for a day: a download
    /// may go on, and
    /// tools that know the store as an OCI image layout alone hold no lease. Goes on after a failure. Layers and blobs are left alone
    /// while anybody holds a lease.
    /// </summary>
    /// <param name="host">The host that destroys layers.</param>
    /// <param name="dryRun">Only tell.</param>
    /// <param name="cancellationToken">Stops between two removals.</param>
    public StoreCollection Collect(ILayerHost host, bool dryRun, CancellationToken cancellationToken) =>
        new StoreCollector(_paths, this, host, dryRun).Collect(cancellationToken);

    /// <summary>Checks stored portable layers: every file's digest, links, streams and the index, against what is on the disk.</summary>
    /// <param name="chainIds">Which; where null all that are there, and all that a recorded image or a layer that is there needs.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<StoreVerification> VerifyAsync(IReadOnlyCollection<Digest>? chainIds, CancellationToken cancellationToken) =>
        VerifyAsync(chainIds, progress: null, cancellationToken);

    /// <summary>The same, telling how many bytes of files are read by now.</summary>
    public Task<StoreVerification> VerifyAsync(IReadOnlyCollection<Digest>? chainIds, IProgress<long>? progress, CancellationToken cancellationToken) =>
        Task.Run(() => Verify(chainIds, progress, cancellationToken), cancellationToken);

    // What the images' records and the layers' own say has to be there, whether it is or not.
    private SortedDictionary<string, string> FindPromised(List<LayerProblem> problems)
    {
        SortedDictionary<string, string> promised = new(StringComparer.Ordinal);
        IReadOnlyList<ImageRecord> images = ListImages((file, damaged) => problems.Add(new LayerProblem(file, "", LayerProblemKind.Damaged, damaged.Problem ?? damaged.Message)));
        foreach (ImageRecord image in images)
        {
            foreach (Digest chainId in image.Chain)
                promised.TryAdd(chainId.Hex, $"{(image.References is [var name, ..] ? name : image.ManifestDigest.ToString())} needs it: unpack it again");
        }

        // Damaged records of layers are told of where the layers are looked at.
        foreach (StoredLayer layer in ListLayers(static (_, _) => { }))
        {
            if (layer.Identity.ParentChainId is { } parent)
                promised.TryAdd(parent.Hex, $"the layer {layer.Identity.ChainId} stands on it: unpack its image again");
        }

        return promised;
    }

    private StoreVerification Verify(IReadOnlyCollection<Digest>? chainIds, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        List<LayerProblem> problems = [];
        List<StoredLayer> verified = [], notChecked = [];
        long files = 0, bytes = 0;
        foreach (string folder in Directory.EnumerateDirectories(_paths.Layers).Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (chainIds is not null && !chainIds.Any(id => _paths.LayerOf(id) == folder))
                continue;
            StoredLayer? layer = null;
            try
            {
                layer = StoreRecords.ReadLayer(folder);
            }
            catch (StoreException damaged)
            {
                problems.Add(new LayerProblem(folder, StoreRecords.LayerRecord, LayerProblemKind.Damaged, damaged.Problem ?? damaged.Message));
                continue;
            }

            if (layer is null || layer.Identity.ChainId.Hex != Path.GetFileName(folder))
            {
                problems.Add(new LayerProblem(folder, StoreRecords.LayerRecord, LayerProblemKind.Damaged, "the record is missing, or of another layer"));
                continue;
            }

            if (layer.Host != PortableLayerHost.Instance.Name)
            {
                notChecked.Add(layer);
                continue;
            }

            long before = bytes;
            PortableVerifier verifier = new(folder, id => _paths.LayerOf(id), expectedBeside: [StoreRecords.LayerRecord])
            {
                OnRead = read => progress?.Report(before + read),
            };
            problems.AddRange(verifier.Verify(layer.Identity, cancellationToken));
            files += verifier.Files;
            bytes += verifier.Bytes;
            verified.Add(layer);
        }

        foreach (Digest missing in (chainIds ?? []).Where(id => !Directory.Exists(_paths.LayerOf(id))))
            problems.Add(new LayerProblem(_paths.LayerOf(missing), "", LayerProblemKind.Missing, "the layer is not in the store"));
        foreach ((string name, string why) in chainIds is null ? FindPromised(problems) : [])
        {
            string folder = Path.Combine(_paths.Layers, name);
            if (!Directory.Exists(folder))
                problems.Add(new LayerProblem(folder, "", LayerProblemKind.Missing, $"the layer is not in the store; {why}"));
        }

        return new StoreVerification(verified, notChecked, problems, files, bytes);
    }
}
