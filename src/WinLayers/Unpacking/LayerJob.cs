using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Sources;
using WinLayers.Storage;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>One layer on its way from its source to the store: its download, its pipeline, its installation.</summary>
internal sealed class LayerJob(ResolvedLayer layer, LayerStore store, ILayerHost host, LayerLimits limits) : IAsyncDisposable
{
    private Task<BlobDownload?>? _download;
    private bool _ownsDownload;
    private LayerApplication? _application;

    /// <summary>The layer once it is in the store.</summary>
    public UnpackedLayer? Result { get; private set; }

    public ResolvedLayer Layer => layer;

    public LayerProgress Progress => new(
        layer,
        Result is { } done ? (done.WasPresent ? LayerState.Present : LayerState.Done) : _application is { IsInstalling: true }
            ? LayerState.Unpacking : LayerState.Waiting,
        Result is not null ? layer.Descriptor.Size : Downloading?.BytesWritten ?? 0,
        Result is not null ? layer.Descriptor.Size : _application?.CompressedBytes ?? 0,
        Result?.Entries ?? _application?.Entries ?? 0);

    // The download where there is one and it has started.
    private BlobDownload? Downloading => _download is { IsCompletedSuccessfully: true } started ? started.Result : null;

    /// <summary>Says that the store has the layer.</summary>
    public void SetPresent(StoredLayer stored) => Result = new UnpackedLayer(stored, WasPresent: true, Entries: 0, Stages: []);

    /// <summary>Starts to fetch the layer's blob, where the store has none.</summary>
    public void StartDownload(IImageSource source, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        _download = BlobDownload.StartAsync(store.Blobs, source, layer.Descriptor, slots, cancellationToken);
        _ownsDownload = true;
    }

    /// <summary>Reads what another layer of the same blob fetches.</summary>
    public void ShareDownload(LayerJob other) => _download = other._download;

    /// <summary>Starts to read and decompress, as far as the pipeline's queues hold; the layer below may still be on its way.</summary>
    public void StartPipeline(CancellationToken cancellationToken) => _application ??= new LayerApplication(
        host,
        limits,
        new LayerToApply { ChainId = layer.ChainId, ParentChainId = layer.ParentChainId, Blob = layer.Descriptor, DiffId = layer.DiffId },
        () => OpenBlob(cancellationToken),
        cancellationToken);

    /// <summary>Writes the layer into its folder, has the host finish it and makes it visible.</summary>
    public async Task InstallAsync(PendingLayer pending, LayerChain parents, ParentTrees trees, CancellationToken cancellationToken)
    {
        StartPipeline(cancellationToken);
        LayerApplication application = _application!;
        try
        {
            await application.InstallAsync(pending.Folder, pending.StagingFolder, () => trees.Open(parents), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (WinLayersException e) when (e is CompressionException or DigestMismatchException or SizeMismatchException)
        {
            await BlameBlobAsync(e, cancellationToken).ConfigureAwait(false);
            throw;
        }
        catch (LayerRefusedException e)
        {
            await BlameBlobAsync(e, cancellationToken).ConfigureAwait(false);
            throw e.At(layer: layer.Descriptor.Digest.ToString());
        }

        if (Downloading is { } download)
            await download.Completion.ConfigureAwait(false);
        application.Dispose();
        StoredLayer stored = pending.Commit(host.Name, application.Identity, application.Counts);
        Result = new UnpackedLayer(stored, WasPresent: false, application.Entries, application.Timings);
    }

    /// <summary>Stops what still runs. The job's token is cancelled first where it is to stop at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_download is { } starting && _ownsDownload)
        {
            await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Downloading is { } download)
                await download.DisposeAsync().ConfigureAwait(false);
        }

        _application?.Dispose();
    }

    // Called on the pipeline's first thread, which may wait.
    private Stream OpenBlob(CancellationToken cancellationToken)
    {
        BlobDownload? download = _download?.GetAwaiter().GetResult();
        return download is not null
            ? download.OpenFollower(cancellationToken)
            : OpenStored();
    }

    private VerifyingStream OpenStored()
    {
        try
        {
            return store.Blobs.OpenVerified(layer.Descriptor);
        }
        catch (BlobStoreException gone) when (gone.Reason is BlobStoreFailure.Missing)
        {
            throw Vanished(gone);
        }
    }

    // What is wrong with a layer may be a symptom: where its blob is not what its digest says, that is the error, and the image is not to
    // blame.
    private async Task BlameBlobAsync(WinLayersException symptom, CancellationToken cancellationToken)
    {
        if (Downloading is { } download)
        {
            if (symptom is CompressionException)
                await download.Completion.ConfigureAwait(false);
            return;
        }

        if (await DamagedBlob.SetAsideAsync(store.Blobs, layer.Descriptor, cancellationToken).ConfigureAwait(false) is { } damage)
            throw damage;
        bool isOfTheBlob = symptom is SizeMismatchException
            || (symptom is DigestMismatchException mismatch && mismatch.Expected == layer.Descriptor.Digest);
        if (isOfTheBlob || !store.Blobs.Contains(layer.Descriptor))
            throw Vanished(symptom);
    }

    private BlobStoreException Vanished(Exception cause) =>
        new(BlobStoreFailure.Damaged,
            $"The stored blob '{store.Blobs.PathOf(layer.Descriptor.Digest)}' was damaged, and another process has dealt with it.", cause)
        {
            Remedy = BlobStore.Refetch,
        };
}
