using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>
/// Checks a store, or images of it, against what it promises: every stored file of unpacked layers, every blob's size and digest, the
/// DiffID of the tar in every layer, and that documents and records agree. Changes nothing; goes on after what it finds.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="host">Checks the layers that it made; others are counted as not checked.</param>
public sealed class StoreVerifier(LayerStore store, ILayerHost host)
{
    /// <summary>Checks images, or the whole store.</summary>
    /// <param name="images">Which unpacked images; null for all that the store lists or holds, also what no image leads to.</param>
    /// <param name="progress">Told of each stage as it goes on, one report at a time.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<StoreReport> VerifyAsync(
        IReadOnlyList<ImageRecord>? images = null, IProgress<StoreCheckProgress>? progress = null,
            CancellationToken cancellationToken = default)
    {
        StoreFindings findings = new();
        Digest[]? chain = images is null ? null : [.. images.SelectMany(image => image.Chain).Distinct()];
        await CheckLayersAsync(chain, findings, progress, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PromisedBlob> blobs = await StorePromises.FindAsync(store, images, findings, cancellationToken).ConfigureAwait(false);
        await Task.Run(() => new StoredBlobCheck(store.Blobs, findings).Check(blobs, progress, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return findings.ToReport();
    }

    /// <summary>Checks unpacked layers alone, without their blobs.</summary>
    /// <param name="chainIds">Which.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<StoreReport> VerifyLayersAsync(
        IReadOnlyCollection<Digest> chainIds, IProgress<StoreCheckProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        StoreFindings findings = new();
        await CheckLayersAsync(chainIds, findings, progress, cancellationToken).ConfigureAwait(false);
        return findings.ToReport();
    }

    private async Task CheckLayersAsync(
        IReadOnlyCollection<Digest>? chainIds, StoreFindings findings, IProgress<StoreCheckProgress>? progress,
            CancellationToken cancellationToken)
    {
        progress?.Report(new StoreCheckProgress(StoreCheckStage.Layers, Bytes: 0, TotalBytes: null, Count: 0, IsDone: false));
        StoreVerification found = await VerifyFilesAsync(chainIds, progress, cancellationToken).ConfigureAwait(false);
        progress?.Report(new StoreCheckProgress(StoreCheckStage.Layers, found.Bytes, found.Bytes, found.Files, IsDone: true));
        findings.CountLayers(found);
        foreach (LayerProblem problem in found.Problems)
            findings.AddInLayer(problem.Layer, problem.Path, problem.Kind, problem.Detail);
        foreach (StoredLayer stored in found.Verified)
        {
            LayerIdentity layer = stored.Identity;
            if (ChainId.Of(layer.ParentChainId, layer.DiffId) is var chainId && chainId != layer.ChainId)
                findings.AddInLayer(stored.Folder, StoreRecords.LayerRecord, LayerProblemKind.Damaged,
                    $"its parent and DiffID give the chain id {chainId}");
        }
    }

    // The host's part: only it knows what it keeps of a layer's files.
    private Task<StoreVerification> VerifyFilesAsync(
        IReadOnlyCollection<Digest>? chainIds, IProgress<StoreCheckProgress>? progress, CancellationToken cancellationToken) =>
        store.VerifyAsync(host, chainIds, progress is null ? null : new FileProgress(progress), cancellationToken);

    private sealed class FileProgress(IProgress<StoreCheckProgress> progress) : IProgress<long>
    {
        public void Report(long value) =>
            progress.Report(new StoreCheckProgress(StoreCheckStage.Layers, value, TotalBytes: null, Count: 0, IsDone: false));
    }
}
