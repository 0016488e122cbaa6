using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Sources;
using WinLayers.Storage;
using WinLayers.Unpacking.Pipeline;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>One layer on its way from its source to the store: its download, its pipeline, its installation.</summary>
internal sealed class LayerJob(ResolvedLayer layer, LayerStore store, LayerLimits limits) : IAsyncDisposable
{
    private Task<BlobDownload?>? _download;
    private bool _ownsDownload;
    private LayerPipeline? _pipeline;
    private LayerInstaller? _installer;

    /// <summary>The layer once it is in the store.</summary>
    public UnpackedLayer? Result { get; private set; }

    public ResolvedLayer Layer => layer;

    public LayerIdentity Identity { get; } = new(layer.DiffId, layer.ChainId, layer.ParentChainId, layer.Descriptor.Digest);

    public LayerProgress Progress => new(
        layer,
        Result is { } done ? (done.WasPresent ? LayerState.Present : LayerState.Done) : _installer is null ? LayerState.Waiting : LayerState.Unpacking,
        Result is not null ? layer.Descriptor.Size : Downloading?.BytesWritten ?? 0,
        Result is not null ? layer.Descriptor.Size : _pipeline?.CompressedBytes ?? 0,
        Result?.Entries ?? _installer?.Entries ?? 0);

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
    public void StartPipeline(CancellationToken cancellationToken) =>
        _pipeline ??= LayerPipeline.Start(
            () => OpenBlob(cancellationToken), layer.Descriptor.MediaType, layer.DiffId, limits, cancellationToken);

    /// <summary>Writes the layer into its folder, has the host finish it and makes it visible.</summary>
    public async Task InstallAsync(
        PendingLayer pending, IReadOnlyList<StoredLayer> parents, ParentTrees trees, ILayerHost host, CancellationToken cancellationToken)
    {
        StartPipeline(cancellationToken);
        _installer = new LayerInstaller(host, limits);
        try
        {
            // The pipeline blocks the thread that reads it: one of its own.
            await Task.Factory.StartNew(
                () => _installer.Install(_pipeline!.Tar, pending.Folder, pending.StagingFolder, Identity, trees.Open(parents)), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
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
        _pipeline!.Dispose();
        StoredLayer stored = pending.Commit(host.Name);
        Result = new UnpackedLayer(
            stored, WasPresent: false, _installer.Entries, [.. _pipeline.Timings, .. _installer.Timings(_pipeline.ReaderWaited, _pipeline.TarBytes)]);
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

        _pipeline?.Dispose();
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
        bool isOfTheBlob = symptom is SizeMismatchException || (symptom is DigestMismatchException mismatch && mismatch.Expected == layer.Descriptor.Digest);
        if (isOfTheBlob || !store.Blobs.Contains(layer.Descriptor))
            throw Vanished(symptom);
    }

    private BlobStoreException Vanished(Exception cause) =>
        new(BlobStoreFailure.Damaged, $"The stored blob '{store.Blobs.PathOf(layer.Descriptor.Digest)}' was damaged, and another process has dealt with it.", cause)
        {
            Remedy = BlobStore.Refetch,
        };
}
