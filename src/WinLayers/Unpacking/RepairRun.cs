using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Storage;

namespace WinLayers.Unpacking;

/// <summary>One repair of a store that this process has alone: first the documents, then blobs, then layers, base first.</summary>
internal sealed class RepairRun : IAsyncDisposable
{
    private const int DeepestNesting = 4;

    private readonly LayerStore _store;
    private readonly ILayerHost _host;
    private readonly RepairOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly RepairItems _items = new();
    private readonly KnownLayers _known;
    private readonly BlobRepair _blobs;

    public RepairRun(LayerStore store, ILayerHost host, RepairOptions options, CancellationToken cancellationToken)
    {
        _store = store;
        _host = host;
        _options = options;
        _cancellationToken = cancellationToken;
        _known = new KnownLayers(store, host);
        _blobs = new BlobRepair(store.Blobs, options, given: null, _items, cancellationToken);
    }

    public async Task<RepairReport> RunAsync(Predicate<ImageRecord>? images)
    {
        List<string> damaged = [];
        IReadOnlyList<ImageRecord> records = _store.ListImages(Gather(damaged, RepairedKind.ImageRecord));
        IndexRepair index = new(_store, _options, _items);
        await index.RunAsync(records, _cancellationToken).ConfigureAwait(false);
        await RepairNamesAsync(index).ConfigureAwait(false);
        foreach (string file in damaged)
            await RepairRecordAsync(file).ConfigureAwait(false);

        records = _store.ListImages(static (_, _) => { });
        List<ImageRecord> wanted = [.. records.Where(record => images is null || images(record))];
        IReadOnlyList<Descriptor> listed = Listed();
        foreach (ImageRecord record in wanted)
            await RepairImageAsync(record, listed.Any(entry => entry.Digest == record.ManifestDigest)).ConfigureAwait(false);
        foreach (Descriptor entry in listed.Where(entry => images is null && records.All(record => record.ManifestDigest != entry.Digest)))
        {
            string? reference = LayoutIndex.NameOf(entry) is { } name ? _options.ReferenceOf?.Invoke(name) : null;
            await RepairListedAsync(entry, reference, depth: 0).ConfigureAwait(false);
        }

        // Layers of an image that was not asked for may be shared with one that was: how to make them is known from either.
        foreach (ImageRecord record in records.Except(wanted))
            await LearnAsync(record).ConfigureAwait(false);
        LayerRepair layers = new(_store, _host, _options.Limits, _known, _blobs, _items, _cancellationToken);
        await layers.RunAsync(images is null ? null : [.. wanted.SelectMany(ChainOf).Distinct()], static _ => true).ConfigureAwait(false);
        return new RepairReport(wanted.Count, layers.Checked, _items.All, layers.NotChecked);
    }

    public ValueTask DisposeAsync() => _blobs.DisposeAsync();

    private IEnumerable<Digest> ChainOf(ImageRecord record) => _known.ChainOf(record.ManifestDigest) ?? record.Chain;

    private IReadOnlyList<Descriptor> Listed()
    {
        try
        {
            return _store.Blobs.Index.Read().Manifests;
        }
        catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
        {
            // It was told of when it could not be made anew.
            return [];
        }
    }

    // A newer version's record is not damaged, and not for this one to make anew.
    private Action<string, StoreException> Gather(List<string> damaged, RepairedKind kind) => (file, problem) =>
    {
        if (problem.IsOfNewerVersion)
            _items.Fail(file, kind, problem);
        else
            damaged.Add(file);
    };

    // What a name led to is asked for at its source the next time. What it kept has to be kept some other way.
    private async Task RepairNamesAsync(IndexRepair index)
    {
        List<string> damaged = [];
        _store.ListNames(Gather(damaged, RepairedKind.Name));
        foreach (string file in damaged)
        {
            await _items.TryAsync(file, RepairedKind.Name, async () =>
            {
                await index.ListUnlistedAsync(_cancellationToken).ConfigureAwait(false);
                using HostFolder names = HostFolder.Open(_store.Paths.Names);
                names.RemoveTree(Path.GetFileName(file));
                names.Sync();
            }).ConfigureAwait(false);
        }
    }

    // Its file's name says which manifest it was of; under which references, only the index may still know.
    private async Task RepairRecordAsync(string file)
    {
        if (!Digest.TryParse("sha256:" + Path.GetFileNameWithoutExtension(file), out Digest manifest))
        {
            _items.Fail(file, RepairedKind.ImageRecord,
                new StoreException($"the record '{file}' is damaged, and its name is no digest", "Remove the file."));
            return;
        }

        string[] references =
        [
            .. Listed().Where(entry => entry.Digest == manifest).Select(LayoutIndex.NameOf).OfType<string>()
                .Select(name => _options.ReferenceOf?.Invoke(name)).OfType<string>().Distinct(StringComparer.Ordinal),
        ];
        await _items.TryAsync(file, RepairedKind.ImageRecord, async () =>
        {
            if (await _blobs.ReadImageAsync(manifest, references).ConfigureAwait(false) is not { } image)
                throw new StoreException($"the record '{file}' is damaged, and the manifest {manifest} is not to be had",
                    "Remove the file and unpack the image again.");
            _known.Add(image, references.FirstOrDefault());
            await _store.ReplaceImageAsync(new ImageRecord(manifest, references, _known.ChainOf(manifest)!), _cancellationToken)
                .ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private async Task RepairImageAsync(ImageRecord record, bool isListed)
    {
        if (await _blobs.ReadImageAsync(record.ManifestDigest, record.References).ConfigureAwait(false) is not { } image)
            return;
        _known.Add(image, (record.References is [var reference, ..] ? reference : null));
        await _blobs.RepairLayersAsync(image.Manifest, record.References, isListed).ConfigureAwait(false);
        if (_known.ChainOf(record.ManifestDigest) is { } chain && !chain.SequenceEqual(record.Chain))
        {
            string file = Path.Combine(_store.Paths.Images, StoreRecords.ImageFile(record.ManifestDigest));
            await _items.TryAsync(file, RepairedKind.ImageRecord,
                () => _store.ReplaceImageAsync(record with { Chain = chain }, _cancellationToken)).ConfigureAwait(false);
        }
    }

    // An image that is not unpacked, or an index of several.
    private async Task RepairListedAsync(Descriptor entry, string? reference, int depth)
    {
        string[] references = reference is null ? [] : [reference];
        if (MediaTypes.IsIndex(entry.MediaType) && depth < DeepestNesting)
        {
            if (await _blobs.ReadDocumentAsync(entry.Digest, references).ConfigureAwait(false) is not ImageIndex index)
                return;
            foreach (Descriptor nested in index.Manifests)
                await RepairListedAsync(nested, reference, depth + 1).ConfigureAwait(false);
        }
        else if (!MediaTypes.IsManifest(entry.MediaType))
        {
            await _blobs.RepairAsync(entry, references, mayBeMissing: false).ConfigureAwait(false);
        }
        else if (await _blobs.ReadImageAsync(entry.Digest, references).ConfigureAwait(false) is { } image)
        {
            _known.Add(image, reference);
            await _blobs.RepairLayersAsync(image.Manifest, references, isListed: true).ConfigureAwait(false);
        }
    }

    private async Task LearnAsync(ImageRecord record)
    {
        try
        {
            if (await BlobRepair.ReadStoredAsync(_store.Blobs, record.ManifestDigest, _cancellationToken)
                .ConfigureAwait(false) is { } image)
                _known.Add(image, (record.References is [var reference, ..] ? reference : null));
        }
        catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
        {
            // It was not asked for; its own repair tells.
        }
    }
}
