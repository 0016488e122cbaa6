using WinLayers.Formats;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Copying;

/// <summary>
/// Copies images from where they are to where they shall be. Blobs are never encoded anew; manifests only where foreign layers are
/// normalized.
/// </summary>
public sealed class ImageCopier
{
    private readonly IImageSource _source;
    private readonly IImageTarget _target;
    private readonly CopyOptions _options;
    private readonly IProgress<TransferProgress>? _progress;
    private readonly HashSet<Digest> _done = [];
    private readonly List<Descriptor> _leftOut = [];
    private readonly Lock _lock = new();
    private int _copied;
    private int _present;
    private long _bytes;

    private ImageCopier(IImageSource source, IImageTarget target, CopyOptions options, IProgress<TransferProgress>? progress)
    {
        _source = source;
        _target = target;

        // An archive has no room for urls: what is not in it is lost.
        _options = target is DockerArchiveTarget && options.Foreign == ForeignLayerHandling.LeaveOut
            ? options with { Foreign = ForeignLayerHandling.Include }
            : options;
        _progress = progress;
    }

    /// <summary>
    /// Copies an image, or an index with all its images. Until everything else is there the target's reference names what it named
    /// before.
    /// </summary>
    /// <exception cref="PlatformException">The index has no image for the platform.</exception>
    /// <exception cref="WinLayersException">Source or target refuse, or what the source gives is not what it promised.</exception>
    public static Task<CopyResult> CopyAsync(
        IImageSource source, IImageTarget target, CopyOptions options,
            IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        return new ImageCopier(source, target, options, progress).RunAsync(cancellationToken);
    }

    private async Task<CopyResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await CopyAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception cause) when (DiskException.IsDiskAtFault(cause))
        {
            throw DiskException.FromIO(cause, $"cannot copy '{_source.Name}' to", _target.Name);
        }
    }

    private async Task<CopyResult> CopyAsync(CancellationToken cancellationToken)
    {
        ResolvedImage? image = _options.AllPlatforms
            ? null : await ImageResolver.ResolveAsync(_source, _options.Platform, cancellationToken).ConfigureAwait(false);
        ImageDocument root = image?.Manifest
            ?? await ImageResolver.ReadDocumentAsync(_source, expected: null, cancellationToken).ConfigureAwait(false);
        _target.Preflight(root, mayChange: _options.Foreign == ForeignLayerHandling.Normalize);
        ImageDocument copied = await CopyAsync(root, isRoot: true, depth: 0, cancellationToken).ConfigureAwait(false);
        return new CopyResult(copied.Descriptor, root.Raw.Digest, _copied, _present, _leftOut, _bytes) { Image = image };
    }

    private async Task<ImageDocument> CopyAsync(ImageDocument document, bool isRoot, int depth, CancellationToken cancellationToken)
    {
        ImageDocument copied = document is ImageIndex index
            ? await CopyEntriesAsync(index, depth, cancellationToken).ConfigureAwait(false)
            : await CopyBlobsAsync((ImageManifest)document, cancellationToken).ConfigureAwait(false);
        await _target.PutManifestAsync(copied.Raw with { MediaType = copied.MediaType }, isRoot, cancellationToken).ConfigureAwait(false);
        return copied;
    }

    private async Task<ImageIndex> CopyEntriesAsync(ImageIndex index, int depth, CancellationToken cancellationToken)
    {
        const int deepest = 4;
        if (depth > deepest)
            throw new ManifestException(ManifestFailure.Malformed, index.Raw.Digest.ToString(), "its indexes are nested too deeply");
        Dictionary<Digest, Descriptor> changed = [];
        foreach (Descriptor entry in index.Manifests.DistinctBy(static entry => entry.Digest))
        {
            ImageDocument child = await ImageResolver.ReadDocumentAsync(_source, entry, cancellationToken).ConfigureAwait(false);
            ImageDocument copied = await CopyAsync(child, isRoot: false, depth + 1, cancellationToken).ConfigureAwait(false);
            if (copied.Raw.Digest != entry.Digest)
                changed.Add(entry.Digest, copied.Descriptor);
        }

        return ForeignNormalizer.Replace(index, changed);
    }

    private async Task<ImageManifest> CopyBlobsAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        List<Descriptor> blobs = [];
        foreach (Descriptor blob in manifest.Layers.Prepend(manifest.Config))
        {
            // Without urls there is nowhere else to have a foreign layer from: left out, the image would be lost.
            bool isLeftOut = _options.Foreign == ForeignLayerHandling.LeaveOut && MediaTypes.IsForeign(blob.MediaType)
                && blob.Urls.Count > 0;
            if (!_done.Add(blob.Digest))
                continue;
            if (!isLeftOut)
            {
                blobs.Add(blob);
                continue;
            }

            _leftOut.Add(blob);
            _progress?.Report(new TransferProgress(blob, TransferState.LeftOut, 0));
        }

        ParallelOptions parallel =
            new() { MaxDegreeOfParallelism = Math.Max(1, _options.BlobsAtOnce), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(blobs, parallel, async (blob, token) => await CopyBlobAsync(blob, token).ConfigureAwait(false))
            .ConfigureAwait(false);
        return _options.Foreign == ForeignLayerHandling.Normalize ? ForeignNormalizer.Normalize(manifest) : manifest;
    }

    private async Task CopyBlobAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        try
        {
            await MoveBlobAsync(blob, cancellationToken).ConfigureAwait(false);
        }
        catch (WinLayersException mismatch) when (
            mismatch is DigestMismatchException or SizeMismatchException && _source is OciLayoutSource)
        {
            // The layout is somebody's store, perhaps ours: name the file that is damaged. It stays, for a source is only read.
            if (await DamagedBlob.DescribeAsync(((OciLayoutSource)_source).Store, blob, cancellationToken)
                .ConfigureAwait(false) is { } damage)
                throw damage;
            throw;
        }
    }

    private async Task MoveBlobAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        if (_options.VerifyPresent && _target is OciLayoutTarget present && !OciLayoutSource.IsOf(_source, present.Store))
            await DamagedBlob.SetAsideAsync(present.Store, blob, cancellationToken).ConfigureAwait(false);
        if (await _target.HasBlobAsync(blob, cancellationToken).ConfigureAwait(false))
        {
            lock (_lock)
                _present++;
            _progress?.Report(new TransferProgress(blob, TransferState.Present, blob.Size));
            return;
        }

        if (_target is OciLayoutTarget layout)
        {
            BlobProgress? progress = _progress is null ? null : new BlobProgress(_progress, blob);
            await BlobFetcher.FetchAsync(_source, layout.Store, blob, progress, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Stream content = await ReopeningStream.OpenAsync(_source, blob, cancellationToken).ConfigureAwait(false);
            ProgressStream watched = new(content, blob, _progress);
            await using (watched.ConfigureAwait(false))
                await _target.PutBlobAsync(blob, watched, cancellationToken).ConfigureAwait(false);
        }

        lock (_lock)
        {
            _copied++;
            _bytes += blob.Size;
        }

        _progress?.Report(new TransferProgress(blob, TransferState.Done, blob.Size));
    }

    private sealed class BlobProgress(IProgress<TransferProgress> progress, Descriptor blob) : IProgress<long>
    {
        public void Report(long value) => progress.Report(new TransferProgress(blob, TransferState.Moving, value));
    }
}
