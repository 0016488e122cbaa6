using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;

namespace WinLayers.Storage;

/// <summary>
/// What a store promises: the images that its index lists and those that are unpacked, with everything that they lead to. Documents are
/// read as they are found; the blobs are gathered, each once however many images have it.
/// </summary>
internal sealed class StorePromises
{
    private const int DeepestNesting = 4;

    private readonly StoreFindings _findings;
    private readonly CancellationToken _cancellationToken;
    private readonly StorePaths _paths;
    private readonly LayerStore _store;
    private readonly OciLayoutSource _documents;
    private readonly Dictionary<Digest, string> _references = [];
    private readonly HashSet<Digest>? _wanted;
    private readonly HashSet<Digest> _seen = [];
    private readonly Dictionary<Digest, PromisedBlob> _promised = [];
    private readonly Dictionary<Digest, ImageConfig?> _configs = [];
    private readonly Dictionary<Digest, IReadOnlyList<Digest>> _chains = [];

    private StorePromises(LayerStore store, IReadOnlyList<ImageRecord>? images, StoreFindings findings, CancellationToken cancellationToken)
    {
        _store = store;
        _paths = new StorePaths(store.Root);
        _findings = findings;
        _cancellationToken = cancellationToken;
        _documents = OciLayoutSource.Open(store.Blobs, imageName: null);
        _wanted = images?.Select(image => image.ManifestDigest).ToHashSet();
    }

    /// <summary>
    /// Finds the blobs that images of a store promise, or with null all that it holds, also what no image leads to. What is wrong with
    /// documents is among the findings afterwards.
    /// </summary>
    public static async Task<IReadOnlyList<PromisedBlob>> FindAsync(
        LayerStore store, IReadOnlyList<ImageRecord>? images, StoreFindings findings, CancellationToken cancellationToken)
    {
        var found = new StorePromises(store, images, findings, cancellationToken);

        // Damaged records were told of with the layers.
        await found.FindAsync(images ?? store.ListImages(static (_, _) => { })).ConfigureAwait(false);
        IEnumerable<PromisedBlob> others = images is not null ? [] : store.Blobs.List()
            .Where(blob =>
                !found._promised.ContainsKey(blob.Digest) && !found._seen.Contains(blob.Digest) && !found._configs.ContainsKey(blob.Digest))
            .Select(blob =>
                new PromisedBlob(new Descriptor { MediaType = "", Digest = blob.Digest, Size = blob.Size }, Reference: null,
                MayBeMissing: false));
        return [.. found._promised.Values, .. others];
    }

    private async Task FindAsync(IReadOnlyList<ImageRecord> records)
    {
        foreach (ImageRecord record in records)
            _references[record.ManifestDigest] = record.References is [var reference, ..] ? reference : record.ManifestDigest.ToString();
        foreach (Descriptor entry in ReadIndex())
        {
            string reference = _references.GetValueOrDefault(entry.Digest) ?? LayoutIndex.NameOf(entry) ?? entry.Digest.ToString();
            if (MediaTypes.IsIndex(entry.MediaType) || MediaTypes.IsManifest(entry.MediaType))
                await AddAsync(entry.Digest, reference, isListed: true, depth: 0).ConfigureAwait(false);
            else if (_wanted is null)
                Promise(entry, reference, isListed: true);
        }

        // Images of an index gather under its name; the layout's index lists the last of them. Damaged records were told of.
        foreach (StoreName name in _store.ListNames(static (_, _) => { }))
        {
            foreach (Digest image in name.Images)
                await AddAsync(image, _references.GetValueOrDefault(image) ?? name.Name, isListed: true, depth: 0).ConfigureAwait(false);
        }

        foreach (ImageRecord record in records)
        {
            await AddAsync(record.ManifestDigest, _references[record.ManifestDigest], isListed: false, depth: 0).ConfigureAwait(false);
            if (_chains.TryGetValue(record.ManifestDigest, out IReadOnlyList<Digest>? chain)
                && !chain.Reverse().SequenceEqual(record.Chain))
            {
                _findings.Add(
                    Path.Combine(_paths.Images, StoreRecords.ImageFile(record.ManifestDigest)), LayerProblemKind.Damaged,
                        "its chain is not that of its image",
                    StoreRemedy.Repair, _references[record.ManifestDigest]);
            }
        }
    }

    private IReadOnlyList<Descriptor> ReadIndex()
    {
        try
        {
            return _store.Blobs.Index.Read().Manifests;
        }
        catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
        {
            _findings.Add(Path.Combine(_store.Root, BlobStore.IndexFile), LayerProblemKind.Damaged, wrong.Message.TrimEnd('.'),
                StoreRemedy.Repair);
            return [];
        }
    }

    private async Task AddAsync(Digest digest, string reference, bool isListed, int depth)
    {
        if (depth > DeepestNesting || !_seen.Add(digest))
            return;
        bool isWanted = _wanted?.Contains(digest) != false;
        ImageDocument? document = await ReadAsync(digest, reference, isWanted).ConfigureAwait(false);
        if (document is ImageIndex index)
        {
            foreach (Descriptor entry in index.Manifests)
                await AddAsync(entry.Digest, _references.GetValueOrDefault(entry.Digest) ?? reference, isListed, depth + 1)
                    .ConfigureAwait(false);
        }
        else if (document is ImageManifest manifest && isWanted)
        {
            await AddImageAsync(manifest, reference, isListed).ConfigureAwait(false);
        }
    }

    private async Task AddImageAsync(ImageManifest manifest, string reference, bool isListed)
    {
        bool isImage = manifest.Config.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig;
        ImageConfig? config = isImage ? await ReadConfigAsync(manifest.Config, reference, isListed).ConfigureAwait(false) : null;
        if (!isImage)
            Promise(manifest.Config, reference, isListed);
        if (config is not null && config.DiffIds.Count != manifest.Layers.Count)
        {
            _findings.Add(
                manifest.Raw.Digest.ToString(), LayerProblemKind.Damaged,
                $"it has {manifest.Layers.Count} layers, its configuration {config.DiffIds.Count} DiffIDs");
            config = null;
        }

        if (config is not null)
            _chains[manifest.Raw.Digest] = ChainId.OfAll(config.DiffIds);
        for (int i = 0; i < manifest.Layers.Count; i++)
        {
            PromisedBlob blob = Promise(manifest.Layers[i], reference, isListed);

            // Other things than layers, such as attestations, have DiffIDs too, but are not compressed as layers are.
            if (config is not null && MediaTypes.IsLayer(manifest.Layers[i].MediaType))
                blob.DiffIds.Add(config.DiffIds[i]);
        }
    }

    // The blobs of an image that is listed are all there. One that is unpacked alone may have had its layers from an image of other blobs.
    private PromisedBlob Promise(Descriptor blob, string reference, bool isListed)
    {
        bool mayBeMissing = !isListed || (MediaTypes.IsForeign(blob.MediaType) && blob.Urls.Count > 0);
        if (!_promised.TryGetValue(blob.Digest, out PromisedBlob? promised) || (promised.MayBeMissing && !mayBeMissing))
            _promised[blob.Digest] = promised = new PromisedBlob(blob, reference, mayBeMissing) { DiffIds = promised?.DiffIds ?? [] };
        return promised;
    }

    private async Task<ImageDocument?> ReadAsync(Digest digest, string reference, bool isWanted)
    {
        try
        {
            RawManifest raw = await _documents.GetManifestAsync(digest, _cancellationToken).ConfigureAwait(false);
            if (isWanted)
                _findings.CountBlob(raw.Bytes.Length);
            return ImageDocument.Parse(raw);
        }
        catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
        {
            if (isWanted)
                ReportDocument(digest, "manifest", wrong, reference);
            return null;
        }
    }

    private async Task<ImageConfig?> ReadConfigAsync(Descriptor blob, string reference, bool isListed)
    {
        if (_configs.TryGetValue(blob.Digest, out ImageConfig? known))
            return known;
        ImageConfig? config = null;
        try
        {
            if (isListed || _store.Blobs.Contains(blob.Digest))
            {
                byte[] bytes = await _store.Blobs.ReadAsync(blob.Digest, ImageConfig.LimitBytes, _cancellationToken).ConfigureAwait(false);
                _findings.CountBlob(bytes.Length);
                config = ImageConfig.Parse(bytes, blob.Digest.ToString());
            }
        }
        catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
        {
            ReportDocument(blob.Digest, "configuration", wrong, reference);
        }

        _configs[blob.Digest] = config;
        return config;
    }

    private void ReportDocument(Digest digest, string what, WinLayersException wrong, string reference)
    {
        bool isThere = _store.Blobs.Contains(digest);
        LayerProblemKind kind = !isThere ? LayerProblemKind.Missing : wrong is DigestMismatchException ? LayerProblemKind.Changed
            : LayerProblemKind.Damaged;
        string detail = isThere ? wrong.Message.TrimEnd('.') : $"the {what} of {reference} is not in the store";
        _findings.Add(digest.ToString(), kind, detail, StoreRemedy.Pull, reference);
    }
}
