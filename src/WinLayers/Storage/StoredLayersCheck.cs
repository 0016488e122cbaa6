using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>One check of a store's layers, each by the host that made it.</summary>
/// <param name="paths">Where things are.</param>
/// <param name="store">The store.</param>
/// <param name="host">Checks the layers that it made; others are told of as not checked.</param>
/// <param name="progress">Told how many bytes of files are read by now.</param>
internal sealed class StoredLayersCheck(StorePaths paths, LayerStore store, ILayerHost host, IProgress<long>? progress)
{
    private readonly List<LayerProblem> _problems = [];
    private readonly List<StoredLayer> _verified = [];
    private readonly List<StoredLayer> _notChecked = [];
    private long _files;
    private long _bytes;

    public StoreVerification Run(IReadOnlyCollection<Digest>? chainIds, CancellationToken cancellationToken)
    {
        foreach (string folder in Directory.EnumerateDirectories(paths.Layers).Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (chainIds is null || chainIds.Any(id => paths.LayerOf(id) == folder))
                Verify(folder, cancellationToken);
        }

        foreach (Digest missing in (chainIds ?? []).Where(id => !Directory.Exists(paths.LayerOf(id))))
            Report(paths.LayerOf(missing), "", LayerProblemKind.Missing, "the layer is not in the store");
        foreach ((string name, string why) in chainIds is null ? FindPromised() : [])
        {
            string folder = Path.Combine(paths.Layers, name);
            if (!Directory.Exists(folder))
                Report(folder, "", LayerProblemKind.Missing, $"the layer is not in the store; {why}");
        }

        return new StoreVerification(_verified, _notChecked, _problems, _files, _bytes);
    }

    private void Verify(string folder, CancellationToken cancellationToken)
    {
        StoredLayer? layer;
        try
        {
            layer = StoreRecords.ReadLayer(folder);
        }
        catch (StoreException damaged)
        {
            Report(folder, StoreRecords.LayerRecord, LayerProblemKind.Damaged, damaged.Problem ?? damaged.Message);
            return;
        }

        if (layer is null || layer.Identity.ChainId.Hex != Path.GetFileName(folder))
        {
            Report(folder, StoreRecords.LayerRecord, LayerProblemKind.Damaged, "the record is missing, or of another layer");
            return;
        }

        LayerVerification found = layer.Host == host.Name
            ? host.Verify(folder, Below(layer), layer.Identity, new After(_bytes, progress), cancellationToken)
            : LayerVerification.NoDigests;
        (found.IsCompared ? _verified : _notChecked).Add(layer);

        // The store's own record lies beside the layer's contents.
        _problems.AddRange(
            found.Problems.Where(problem => problem is not { Kind: LayerProblemKind.Extra, Path: StoreRecords.LayerRecord }));
        if (found.IsCompared && ChainFile.Below(paths, store, layer.Identity) is { } below
            && ChainFile.FindProblem(folder, below) is { } problem)
            Report(folder, LayerChain.FileName, LayerProblemKind.Damaged, problem);
        _files += found.Files;
        _bytes += found.Bytes;
    }

    // As far as the records lead: one that is missing or damaged is told of where its layer is looked at.
    private LayerChain Below(StoredLayer layer)
    {
        List<string> folders = [];
        HashSet<Digest> seen = [layer.Identity.ChainId];
        for (Digest? next = layer.Identity.ParentChainId; next is { } id
            && seen.Add(id); next = store.FindUsable(id)?.Identity.ParentChainId)
            folders.Add(paths.LayerOf(id));
        return [.. folders];
    }

    // What the images' records, the holds and the layers' own records say has to be there, whether it is or not.
    private SortedDictionary<string, string> FindPromised()
    {
        SortedDictionary<string, string> promised = new(StringComparer.Ordinal);
        foreach (ImageRecord image in store.ListImages(
            (file, damaged) => Report(file, "", LayerProblemKind.Damaged, damaged.Problem ?? damaged.Message)))
        {
            foreach (Digest chainId in image.Chain)
                promised.TryAdd(chainId.Hex,
                    $"{(image.References is [var name, ..] ? name : image.ManifestDigest.ToString())} needs it: unpack it again");
        }

        foreach (StoreHold hold in store.ListHolds(
            (file, damaged) => Report(file, "", LayerProblemKind.Damaged, damaged.Problem ?? damaged.Message)))
        {
            foreach (Digest chainId in hold.ChainIds)
                promised.TryAdd(chainId.Hex, $"the hold '{hold.Name}' needs it");
            foreach (Digest digest in hold.Digests.Where(digest => !store.Blobs.Contains(digest)))
                Report(store.Blobs.PathOf(digest), "", LayerProblemKind.Missing,
                    $"the blob is not in the store; the hold '{hold.Name}' needs it");
        }

        foreach (StoreName name in store.ListNames(
            (file, damaged) => Report(file, "", LayerProblemKind.Damaged, damaged.Problem ?? damaged.Message)))
        {
            if (name.Images.Count > 0 && !name.Images.Contains(name.Root) && !store.Blobs.Contains(name.Root))
                Report(store.Blobs.PathOf(name.Root), "", LayerProblemKind.Missing,
                    $"the document that '{name.Name}' leads to is not in the store: pull it again");
        }

        // Damaged records of layers are told of where the layers are looked at.
        foreach (StoredLayer layer in store.ListLayers(static (_, _) => { }))
        {
            if (layer.Identity.ParentChainId is { } parent)
                promised.TryAdd(parent.Hex, $"the layer {layer.Identity.ChainId} stands on it: unpack its image again");
        }

        return promised;
    }

    private void Report(string layer, string path, LayerProblemKind kind, string detail) =>
        _problems.Add(new LayerProblem(layer, path, kind, detail));

    private sealed class After(long before, IProgress<long>? progress) : IProgress<long>
    {
        public void Report(long value) => progress?.Report(before + value);
    }
}
