using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Storage;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>
/// Repairs layers, base first. What is changed is made again; what stands on a layer that was made again has its links made anew.
/// </summary>
internal sealed class LayerRepair(
    LayerStore store, ILayerHost host, LayerLimits limits, KnownLayers known, BlobRepair blobs, RepairItems items,
    CancellationToken cancellationToken)
{
    private readonly HashSet<Digest> _remade = [];
    private readonly List<StoredLayer> _notChecked = [];

    /// <summary>How many layers were looked at.</summary>
    public int Checked { get; private set; }

    /// <summary>Layers of a host that keeps no digests of files.</summary>
    public IReadOnlyList<StoredLayer> NotChecked => _notChecked;

    /// <summary>Repairs layers, and those of the whole store that stand on one of them that was made again.</summary>
    /// <param name="chainIds">Which; null for all that are there or needed.</param>
    /// <param name="isRead">Whether one is read whole though it looks well.</param>
    public async Task RunAsync(IReadOnlyCollection<Digest>? chainIds, Predicate<Digest> isRead)
    {
        HashSet<Digest> asked = [.. chainIds ?? Everything()];
        foreach (Digest chainId in asked.OrderBy(DepthOf))
            await RepairAsync(chainId, isRead(chainId)).ConfigureAwait(false);
        IEnumerable<Digest> others = store.ListLayers(static (_, _) => { }).Select(layer => layer.Identity.ChainId);
        foreach (Digest chainId in _remade.Count == 0 ? [] : others.Where(id => !asked.Contains(id)).OrderBy(DepthOf).ToList())
            await RepairAsync(chainId, isRead: false).ConfigureAwait(false);
    }

    // A folder that nobody needs and that has no record is left to the collection.
    private HashSet<Digest> Everything()
    {
        HashSet<Digest> needed = [];
        foreach (Digest top in store.ListImages(static (_, _) => { }).SelectMany(image => image.Chain)
            .Concat(store.ListHolds(static (_, _) => { }).SelectMany(hold => hold.ChainIds)))
        {
            for (Digest? next = top; next is { } id && needed.Add(id); next = known.ParentOf(id))
            {
            }
        }

        foreach (string path in Directory.EnumerateFileSystemEntries(store.Paths.Layers).Order(StringComparer.Ordinal))
        {
            if (Digest.TryParse("sha256:" + Path.GetFileName(path), out Digest chainId)
                && Path.Exists(Path.Combine(path, StoreRecords.LayerRecord)))
                needed.Add(chainId);
        }

        return needed;
    }

    private int DepthOf(Digest chainId)
    {
        HashSet<Digest> seen = [];
        for (Digest? next = chainId; next is { } id && seen.Add(id); next = known.ParentOf(id))
        {
        }

        return seen.Count;
    }

    private async Task RepairAsync(Digest chainId, bool isRead)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string folder = store.Paths.LayerOf(chainId);
        StoredLayer? stored = store.FindUsable(chainId);
        bool standsOnRemade = AncestorsOf(chainId).Any(_remade.Contains);
        if (stored is not null && !isRead && !standsOnRemade)
            return;
        Checked++;
        if (stored is not null && stored.Host != host.Name)
        {
            _notChecked.Add(stored);
            return;
        }

        LayerIdentity? identity = known.IdentityOf(chainId);
        LayerVerification? found = identity is null || ChainFile.Below(store.Paths, store, identity) is not { } below ? null
            : await VerifyAsync(folder, below, identity).ConfigureAwait(false);
        if (found is { IsCompared: false } && stored is not null)
        {
            _notChecked.Add(stored);
            if (!standsOnRemade)
                return;
        }

        if (found is not { IsCompared: true } || found.Problems.Any(problem => problem.Kind is not LayerProblemKind.LinkBroken)
            || (found.Problems.Count > 0 && !await TryRelinkAsync(folder, identity!).ConfigureAwait(false)))
        {
            if (await items.TryAsync(folder, RepairedKind.Layer, () => RemakeAsync(chainId)).ConfigureAwait(false))
                _remade.Add(chainId);
            return;
        }

        if (stored is null)
            await items.TryAsync(Path.Combine(folder, StoreRecords.LayerRecord), RepairedKind.LayerRecord,
                () => Task.Run(() => StoreRecords.WriteLayer(folder, identity!, host.Name, counts: null), cancellationToken))
                    .ConfigureAwait(false);
        LayerChain whole = ChainFile.Below(store.Paths, store, identity!)!;
        if (ChainFile.FindProblem(folder, whole) is not null)
            await items.TryAsync(Path.Combine(folder, LayerChain.FileName), RepairedKind.Chain,
                () => Task.Run(() => ChainFile.Write(folder, whole), cancellationToken)).ConfigureAwait(false);
    }

    private IEnumerable<Digest> AncestorsOf(Digest chainId)
    {
        HashSet<Digest> seen = [chainId];
        for (Digest? next = known.ParentOf(chainId); next is { } id && seen.Add(id); next = known.ParentOf(id))
            yield return id;
    }

    private Task<LayerVerification> VerifyAsync(string folder, LayerChain below, LayerIdentity identity) => Task.Run(() =>
    {
        LayerVerification found = host.Verify(folder, below, identity, progress: null, cancellationToken);

        // The store's own record lies beside the layer's contents.
        return found.IsCompared
            ? new LayerVerification([.. found.Problems.Where(problem => problem.Path != StoreRecords.LayerRecord)], found.Files,
                found.Bytes)
            : found;
    }, cancellationToken);

    // Whether all is well afterwards.
    private async Task<bool> TryRelinkAsync(string folder, LayerIdentity identity)
    {
        LayerChain below = ChainFile.Below(store.Paths, store, identity)!;
        bool isDone = await Task.Run(() =>
        {
            try
            {
                return host.TryRelink(folder, below);
            }
            catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
            {
                // Then it is made again, which tells what is wrong where that fails too.
                return false;
            }
        }, cancellationToken).ConfigureAwait(false);
        if (!isDone || (await VerifyAsync(folder, below, identity).ConfigureAwait(false)).Problems.Count > 0)
            return false;
        items.Done(folder, RepairedKind.Links);
        return true;
    }

    private async Task RemakeAsync(Digest chainId)
    {
        (LayerToApply layer, string? reference) = known.Find(chainId)
            ?? throw new StoreException($"nothing in the store tells how to make the layer '{store.Paths.LayerOf(chainId)}' again",
                "Unpack an image that has it.");
        if (!await blobs.RepairAsync(layer.Blob, reference is null ? [] : [reference], mayBeMissing: false).ConfigureAwait(false))
            throw blobs.FailureOf(layer.Blob.Digest)!;
        LayerChain parents = layer.ParentChainId is { } below ? [.. store.GetChain(below).Select(stored => stored.Folder)] : [];
        using PendingLayer pending =
            await store.BeginAgainAsync(chainId, layer.ParentChainId, host.BuildsInPlace, cancellationToken).ConfigureAwait(false);
        using var trees = new ParentTrees(host);
        using LayerApplication application = new(host, limits, layer, () => store.Blobs.OpenVerified(layer.Blob), cancellationToken);
        try
        {
            await application.InstallAsync(pending.Folder, pending.StagingFolder, () => trees.Open(parents), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (LayerRefusedException refused)
        {
            throw refused.At(layer: layer.Blob.Digest.ToString());
        }

        pending.Commit(host.Name, application.Identity, application.Counts);
    }
}
