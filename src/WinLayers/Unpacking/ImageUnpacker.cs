using System.Diagnostics;
using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.Sources;
using WinLayers.Storage;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>
/// The main job: an image's layers from its source into the store, each verified, unpacked and finished by a host. Layers that the store
/// has are left as they are. One that fails or is cancelled leaves the store as it was, but for the layers below and blobs that are
/// complete.
/// </summary>
/// <param name="store">Where the layers go. Other processes may use it at the same time.</param>
/// <param name="host">What finishes them.</param>
/// <param name="options">Limits; the defaults where null.</param>
public sealed class ImageUnpacker(LayerStore store, ILayerHost host, UnpackOptions? options = null)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    private readonly UnpackOptions _options = options ?? UnpackOptions.Default;

    /// <summary>Unpacks an image.</summary>
    /// <param name="source">The image. It stays the caller's.</param>
    /// <param name="request">
    /// Which of an index's images; null takes the newest for windows/amd64, and of a single image any of Windows.
    /// </param>
    /// <param name="imageName">The name under which the store's layout lists the image; null lists it without one.</param>
    /// <param name="progress">Told how far it is, from threads of the pool.</param>
    /// <param name="cancellationToken">Stops, cleans up, and leaves what is fetched for the next run.</param>
    /// <exception cref="WinLayersException">The image, its source or the store is not as it should be.</exception>
    public async Task<UnpackedImage> UnpackAsync(
        IImageSource source,
        PlatformRequest? request = null,
        string? imageName = null,
        IProgress<UnpackProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        try
        {
            return await RunAsync(source, request, imageName, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception cause) when (DiskException.IsDiskAtFault(cause))
        {
            // Blobs are written on a floor that knows no stores.
            throw DiskException.FromIO(cause, "cannot write to the store", store.Root);
        }
    }

    private async Task<UnpackedImage> RunAsync(
        IImageSource source, PlatformRequest? request, string? imageName, IProgress<UnpackProgress>? progress,
            CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        ResolvedImage image = await ImageResolver.ResolveAsync(source, request, cancellationToken).ConfigureAwait(false);
        image.RequireLayerCount(_options.Limits);
        RefuseOtherSystems(image, request);
        IReadOnlyList<RepairedItem> repaired = await MendAsync(source, image, cancellationToken).ConfigureAwait(false);
        using StoreLease lease = await store.LeaseAsync(cancellationToken).ConfigureAwait(false);
        LayerJob[] jobs = await UnpackLayersAsync(source, image, progress, cancellationToken).ConfigureAwait(false);
        await RecordAsync(image, imageName, cancellationToken).ConfigureAwait(false);
        progress?.Report(Snapshot(jobs));
        return new UnpackedImage(
            image.Name,
            image.Manifest.Raw.Digest,
            image.Platform,
            [.. jobs.Reverse().Select(job => job.Result!)],
            Stopwatch.GetElapsedTime(start))
        {
            Warning = image.Warning,
            Repaired = repaired,
        };
    }

    // What is there and shows damage is made again first, by whoever has the store alone: layers that stand on it link to its files.
    private async Task<IReadOnlyList<RepairedItem>> MendAsync(IImageSource source, ResolvedImage image, CancellationToken cancellationToken)
    {
        Digest[] chain = [.. image.Layers.Select(layer => layer.ChainId)];
        HashSet<Digest> damaged = await Task.Run(() => FindDamaged(chain, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (damaged.Count == 0 && !store.NeedsRepair(chain))
            return [];
        using StoreLock alone = await store.TakeAloneAsync(cancellationToken).ConfigureAwait(false);
        RepairItems items = new();
        KnownLayers known = new(store, host);
        foreach (ResolvedLayer layer in image.Layers)
            known.Add(layer.ChainId, layer.ParentChainId, layer.Descriptor, layer.DiffId, image.Name);
        var blobs = new BlobRepair(store.Blobs, RepairOptions.Default, source, items, cancellationToken);
        await using (blobs.ConfigureAwait(false))
        {
            await new LayerRepair(store, host, _options.Limits, known, blobs, items, cancellationToken).RunAsync(chain, damaged.Contains)
                .ConfigureAwait(false);
        }

        return items.All.FirstOrDefault(item => item.Failure is not null) is { Failure: { } failure } ? throw failure : items.All;
    }

    private HashSet<Digest> FindDamaged(Digest[] chain, CancellationToken cancellationToken) =>
    [
        .. chain.Select(store.FindUsable).OfType<StoredLayer>()
            .Where(layer => layer.Host == host.Name && host.FindVisibleDamage(layer.Folder, layer.Identity, cancellationToken).Count > 0)
            .Select(layer => layer.Identity.ChainId),
    ];

    // A single image is taken whatever its architecture and version; what is in layers of another system means something else there.
    private static void RefuseOtherSystems(ResolvedImage image, PlatformRequest? request)
    {
        PlatformRequest any = PlatformRequest.Default with { Architecture = image.Platform.Architecture };
        if (request is null && image.Platform.Os.Length > 0 && PlatformMatcher.Refusal(image.Platform, any) is { } reason)
            throw PlatformException.NotWanted(any, reason);
    }

    private async Task<LayerJob[]> UnpackLayersAsync(IImageSource source, ResolvedImage image, IProgress<UnpackProgress>? progress,
        CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            LayerJob[] jobs = [.. image.Layers.Select(layer => new LayerJob(layer, store, host, _options.Limits))];
            try
            {
                if (!jobs.All(IsPresent))
                    await UnpackAsync(source, image, jobs, progress, cancellationToken).ConfigureAwait(false);
                return jobs;
            }
            catch (BlobStoreException damaged) when (
                damaged.Reason is BlobStoreFailure.Damaged && attempt < image.Layers.Count && !OciLayoutSource.IsOf(source, store.Blobs))
            {
                // The store's own copy is out of the way by now, so the source is asked for the blob; each blob can be so once.
            }
        }
    }

    private bool IsPresent(LayerJob job)
    {
        if (job.Result is null && store.FindUsable(job.Layer.ChainId) is { } stored)
            job.SetPresent(stored);
        return job.Result is not null;
    }

    private async Task UnpackAsync(
        IImageSource source, ResolvedImage image, LayerJob[] jobs, IProgress<UnpackProgress>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var slots = new SemaphoreSlim(_options.BlobsAtOnce);
        using var trees = new ParentTrees(host);
        using var ticks = new PeriodicTimer(ProgressInterval);
        Task reporting = progress is null ? Task.CompletedTask : ReportAsync(jobs, progress, ticks);
        try
        {
            LayerJob[] missing = [.. jobs.Where(job => !IsPresent(job))];
            var fetching = new Dictionary<Digest, LayerJob>();
            foreach (LayerJob job in missing)
            {
                if (fetching.TryAdd(job.Layer.Descriptor.Digest, job))
                    job.StartDownload(source, slots, stop.Token);
                else
                    job.ShareDownload(fetching[job.Layer.Descriptor.Digest]);
            }

            await store.Blobs.PutAsync(image.Manifest.Config.Digest, image.ConfigBytes, stop.Token).ConfigureAwait(false);
            for (int i = 0; i < missing.Length; i++)
                await InstallAsync(missing[i], i + 1 < missing.Length ? missing[i + 1] : null, jobs, trees, stop.Token)
                    .ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            foreach (LayerJob job in jobs)
                await job.DisposeAsync().ConfigureAwait(false);
            // Ends the reporting without an exception, whose stack trace would cost more than all reports.
            ticks.Dispose();
            await reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task InstallAsync(LayerJob job, LayerJob? next, LayerJob[] jobs, ParentTrees trees, CancellationToken cancellationToken)
    {
        using PendingLayer? pending =
            await store.BeginLayerAsync(job.Layer.ChainId, job.Layer.ParentChainId, host.BuildsInPlace, cancellationToken)
            .ConfigureAwait(false);
        if (pending is null)
        {
            // Another process made it while we waited.
            _ = IsPresent(job);
            return;
        }

        job.StartPipeline(cancellationToken);
        next?.StartPipeline(cancellationToken);
        LayerChain parents = [.. jobs.Take(job.Layer.Position).Reverse().Select(below => below.Result!.Layer.Folder)];
        try
        {
            await job.InstallAsync(pending, parents, trees, cancellationToken).ConfigureAwait(false);
        }
        catch (WinLayersException failure)
        {
            pending.Dispose();
            failure.Leftover ??= pending.Leftover;
            throw;
        }
    }

    // What is recorded is whole: the blobs that an image needs to be sent on are all there, and its layers are.
    private async Task RecordAsync(ResolvedImage image, string? imageName, CancellationToken cancellationToken)
    {
        Descriptor manifest = image.Manifest.Descriptor;
        await store.Blobs.PutAsync(manifest.Digest, image.Manifest.Raw.Bytes, cancellationToken).ConfigureAwait(false);
        foreach (ImageIndex index in image.Indexes)
            await store.Blobs.PutAsync(index.Raw.Digest, index.Raw.Bytes, cancellationToken).ConfigureAwait(false);
        bool isWhole = image.Layers.All(layer => store.Blobs.Contains(layer.Descriptor)) && store.Blobs.Contains(image.Manifest.Config);
        if (isWhole && (imageName is not null || !IsListed(manifest.Digest)))
            await store.Blobs.Index.SetAsync(imageName, manifest, cancellationToken).ConfigureAwait(false);
        // An image that was asked for by its digest alone has no name to be known by.
        bool isNamed = !Digest.TryParse(image.Name, out _);
        var record = new ImageRecord(manifest.Digest, isNamed ? [image.Name] : [],
            [.. image.Layers.Reverse().Select(layer => layer.ChainId)]);
        await store.RecordImageAsync(record, cancellationToken).ConfigureAwait(false);
        if (isNamed)
        {
            await store.RecordNameAsync(image.Name, image.Root, isWhole ? manifest.Digest : null, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsListed(Digest digest) => store.Blobs.Index.Read().Manifests.Any(entry => entry.Digest == digest);

    private static async Task ReportAsync(LayerJob[] jobs, IProgress<UnpackProgress> progress, PeriodicTimer ticks)
    {
        while (await ticks.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
            progress.Report(Snapshot(jobs));
    }

    private static UnpackProgress Snapshot(LayerJob[] jobs) => new([.. jobs.Select(job => job.Progress)]);
}
