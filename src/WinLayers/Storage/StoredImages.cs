using WinLayers.Formats;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Storage;

/// <summary>The images of a store: those that its layout lists and those that are unpacked, each once.</summary>
public sealed class StoredImages
{
    private const int MaxNesting = 4;

    private readonly LayerStore _store;
    private readonly IReadOnlyList<StoreName> _names;
    private readonly Dictionary<Digest, ImageRecord> _unpacked;
    private readonly Dictionary<Digest, List<string>> _found = [];
    private readonly HashSet<Digest> _indexes = [];

    private StoredImages(LayerStore store)
    {
        _store = store;
        _names = store.ListNames();
        _unpacked = store.ListImages().ToDictionary(image => image.ManifestDigest);
    }

    /// <summary>Lists them, by name and digest.</summary>
    /// <exception cref="StoreException">A record is damaged.</exception>
    /// <exception cref="WinLayersException">The layout's index is.</exception>
    public static async Task<IReadOnlyList<StoredImage>> ListAsync(LayerStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var images = new StoredImages(store);
        await images.GatherAsync(cancellationToken).ConfigureAwait(false);
        List<StoredImage> found = [];
        foreach ((Digest digest, List<string> names) in images._found)
            found.Add(await images.DescribeAsync(digest, names, cancellationToken).ConfigureAwait(false));
        return [.. found.OrderBy(image => image.Names.Count > 0 ? image.Names[0] : "~", StringComparer.Ordinal)
            .ThenBy(image => image.Digest.Hex, StringComparer.Ordinal)];
    }

    /// <summary>The indexes and manifests of the store whose digest starts so: what a digest on a command line may mean.</summary>
    /// <param name="store">The store.</param>
    /// <param name="start">The digest or its start, the algorithm in front.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<Digest>> FindAsync(LayerStore store, string start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(start);
        var images = new StoredImages(store);
        await images.GatherAsync(cancellationToken).ConfigureAwait(false);
        return [.. images._found.Keys.Concat(images._indexes).Concat(images._names.Select(name => name.Root)).Distinct()
            .Where(digest => digest.ToString().StartsWith(start, StringComparison.Ordinal))
                .OrderBy(digest => digest.Hex, StringComparer.Ordinal)];
    }

    private async Task GatherAsync(CancellationToken cancellationToken)
    {
        foreach (ImageRecord image in _unpacked.Values)
            NamesOf(image.ManifestDigest).AddRange(image.References);
        foreach (StoreName name in _names)
        {
            foreach (Digest image in name.Images)
                await AddAsync(image, name.Name, depth: 0, cancellationToken).ConfigureAwait(false);
        }

        // A name of the layout that a reference made is that reference; others are of other tools, or of the first version.
        foreach (Descriptor entry in _store.Blobs.Index.Read().Manifests)
            await AddAsync(entry.Digest, name: null, depth: 0, cancellationToken).ConfigureAwait(false);
        foreach (Descriptor entry in _store.Blobs.Index.Read().Manifests)
        {
            if (_found.TryGetValue(entry.Digest, out List<string>? names) && names.Count == 0 && LayoutIndex.NameOf(entry) is { } name)
                names.Add($"oci:{_store.Root}:{name}");
        }

        foreach (List<string> names in _found.Values)
        {
            string[] distinct = [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            names.Clear();
            names.AddRange(distinct);
        }
    }

    private async Task AddAsync(Digest digest, string? name, int depth, CancellationToken cancellationToken)
    {
        ImageDocument? document = await ReadAsync(digest, cancellationToken).ConfigureAwait(false);
        if (document is not ImageIndex index)
        {
            // One that cannot be read is listed all the same: it is there to be removed.
            if (name is not null)
                NamesOf(digest).Add(name);
            else
                _ = NamesOf(digest);
            return;
        }

        _indexes.Add(digest);
        foreach (Descriptor entry in index.Manifests.Where(entry => depth < MaxNesting && _store.Blobs.Contains(entry)))
            await AddAsync(entry.Digest, name, depth + 1, cancellationToken).ConfigureAwait(false);
    }

    private List<string> NamesOf(Digest digest)
    {
        if (!_found.TryGetValue(digest, out List<string>? names))
            _found.Add(digest, names = []);
        return names;
    }

    private async Task<StoredImage> DescribeAsync(Digest digest, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ImageRecord? unpacked = _unpacked.GetValueOrDefault(digest);
        var image = new StoredImage(digest, names) { Chain = unpacked?.Chain, Layers = unpacked?.Chain.Count };
        if (await ReadAsync(digest, cancellationToken).ConfigureAwait(false) is not ImageManifest manifest)
            return image;
        return image with
        {
            Layers = manifest.Layers.Count,
            Bytes = manifest.Layers.Sum(layer => layer.Size),
            HasBlobs = manifest.Layers.Append(manifest.Config).All(_store.Blobs.Contains),
            Platform = (await ReadConfigAsync(manifest, cancellationToken).ConfigureAwait(false))?.Platform,
        };
    }

    private async Task<ImageDocument?> ReadAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            byte[] bytes = await _store.Blobs.ReadAsync(digest, ImageDocument.LimitBytes, cancellationToken).ConfigureAwait(false);
            return ImageDocument.Parse(new RawManifest(ImageDocument.TypeOf(bytes, digest.ToString()), digest, bytes));
        }
        catch (WinLayersException)
        {
            // A listing shows what is there; a check of the store tells what is wrong with it.
            return null;
        }
    }

    private async Task<ImageConfig?> ReadConfigAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            Digest digest = manifest.Config.Digest;
            byte[] bytes = await _store.Blobs.ReadAsync(digest, ImageConfig.LimitBytes, cancellationToken).ConfigureAwait(false);
            return ImageConfig.Parse(bytes, digest.ToString());
        }
        catch (WinLayersException)
        {
            // As above.
            return null;
        }
    }
}
