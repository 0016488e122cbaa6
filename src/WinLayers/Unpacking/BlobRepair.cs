using WinLayers.Formats;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;

namespace WinLayers.Unpacking;

/// <summary>An image as far as making its layers needs it.</summary>
internal sealed record StoredImage(ImageManifest Manifest, ImageConfig Config);

/// <summary>Fetches blobs again that are damaged or gone, each at most once.</summary>
/// <param name="blobs">Where they go.</param>
/// <param name="options">How an image is opened by its reference.</param>
/// <param name="given">Where all come from, open already and the caller's; null opens what is needed.</param>
/// <param name="items">Told of each.</param>
/// <param name="cancellationToken">Stops.</param>
internal sealed class BlobRepair(
    BlobStore blobs, RepairOptions options, IImageSource? given, RepairItems items, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private readonly Dictionary<string, Task<IImageSource>> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, WinLayersException?> _outcomes = [];

    /// <summary>Reads an image's manifest and configuration, fetched again where they have to be; null where that failed.</summary>
    public async Task<StoredImage?> ReadImageAsync(Digest manifest, IReadOnlyList<string> references)
    {
        if (await ReadDocumentAsync(manifest, references).ConfigureAwait(false) is not ImageManifest image
            || !await RepairAsync(image.Config, references, mayBeMissing: false).ConfigureAwait(false)
            || image.Config.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig))
            return null;
        try
        {
            return await ReadStoredAsync(blobs, manifest, cancellationToken).ConfigureAwait(false);
        }
        catch (WinLayersException malformed)
        {
            items.Fail(manifest.ToString(), RepairedKind.Blob, malformed);
            return null;
        }
    }

    /// <summary>Reads what the store has.</summary>
    public static async Task<StoredImage?> ReadStoredAsync(BlobStore blobs, Digest manifest, CancellationToken cancellationToken)
    {
        RawManifest raw = await OciLayoutSource.Open(blobs, imageName: null).GetManifestAsync(manifest, cancellationToken)
            .ConfigureAwait(false);
        if (ImageDocument.Parse(raw) is not ImageManifest image)
            return null;
        byte[] bytes = await blobs.ReadAsync(image.Config.Digest, ImageConfig.LimitBytes, cancellationToken).ConfigureAwait(false);
        ImageConfig config = ImageConfig.Parse(bytes, image.Config.Digest.ToString());
        return config.DiffIds.Count == image.Layers.Count ? new StoredImage(image, config) : null;
    }

    /// <summary>Reads a manifest or index, fetched again where it has to be; null where that failed, which is told.</summary>
    public async Task<ImageDocument?> ReadDocumentAsync(Digest digest, IReadOnlyList<string> references)
    {
        OciLayoutSource stored = OciLayoutSource.Open(blobs, imageName: null);
        try
        {
            return ImageDocument.Parse(await stored.GetManifestAsync(digest, cancellationToken).ConfigureAwait(false));
        }
        catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
        {
            // Told of with what becomes of it.
        }

        bool isHere = await items.TryAsync(digest.ToString(), RepairedKind.Blob, async () =>
        {
            IImageSource source = await OpenAsync(digest, references).ConfigureAwait(false);
            RawManifest raw = await source.GetManifestAsync(digest, cancellationToken).ConfigureAwait(false);
            await blobs.PutAsync(digest, raw.Bytes, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return isHere
            ? ImageDocument.Parse(await stored.GetManifestAsync(digest, cancellationToken).ConfigureAwait(false))
            : null;
    }

    /// <summary>Checks the blobs of an image's layers.</summary>
    /// <param name="image">The image.</param>
    /// <param name="references">Where it came from.</param>
    /// <param name="isListed">Whether all blobs have to be there, as those of an image that is not listed need not.</param>
    public async Task RepairLayersAsync(ImageManifest image, IReadOnlyList<string> references, bool isListed)
    {
        foreach (Descriptor layer in image.Layers)
        {
            bool mayBeMissing = !isListed || (MediaTypes.IsForeign(layer.MediaType) && layer.Urls.Count > 0);
            await RepairAsync(layer, references, mayBeMissing).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Checks a blob and fetches it where it is damaged, or missing and must not be. False where it is not there afterwards.
    /// </summary>
    public async Task<bool> RepairAsync(Descriptor blob, IReadOnlyList<string> references, bool mayBeMissing)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_outcomes.TryGetValue(blob.Digest, out WinLayersException? before))
            return before is null;
        BlobStoreException? damage = await DamagedBlob.SetAsideAsync(blobs, blob, cancellationToken).ConfigureAwait(false);
        if (damage is null && blobs.Contains(blob))
        {
            _outcomes[blob.Digest] = null;
            return true;
        }

        if (damage is null && mayBeMissing)
            return false;
        bool isHere = await items.TryAsync(blob.Digest.ToString(), RepairedKind.Blob, async () =>
        {
            IImageSource source = await OpenAsync(blob.Digest, references).ConfigureAwait(false);
            await BlobFetcher.FetchAsync(source, blobs, blob, progress: null, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        _outcomes[blob.Digest] = isHere ? null : items.All[^1].Failure;
        return isHere;
    }

    /// <summary>Why a blob is not there.</summary>
    public WinLayersException? FailureOf(Digest blob) => _outcomes.GetValueOrDefault(blob);

    public async ValueTask DisposeAsync()
    {
        foreach (Task<IImageSource> source in _sources.Values)
        {
            if (source.IsCompletedSuccessfully)
                await (await source.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<IImageSource> OpenAsync(Digest blob, IReadOnlyList<string> references)
    {
        if (given is not null && !OciLayoutSource.IsOf(given, blobs))
            return given;
        WinLayersException? failure = null;
        foreach (string reference in options.OpenSource is null ? [] : references)
        {
            if (!_sources.TryGetValue(reference, out Task<IImageSource>? opening))
                _sources.Add(reference, opening = options.OpenSource!(reference, cancellationToken));
            try
            {
                IImageSource source = await opening.ConfigureAwait(false);
                if (!OciLayoutSource.IsOf(source, blobs))
                    return source;
            }
            catch (WinLayersException cannot)
            {
                failure = cannot;
            }
        }

        throw failure ?? new BlobStoreException(BlobStoreFailure.Missing,
            $"The blob {blob} is damaged or gone in '{blobs.Root}', and no image that has it names a place to fetch it from.")
        {
            Remedy = "Fetch an image that has it again.",
        };
    }
}
