using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;

namespace WinLayers.Oci.Sources;

/// <summary>Finds the image that a reference and a platform mean, and verifies every document on the way by digest and size.</summary>
public static class ImageResolver
{
    private const int MaxNesting = 4;
    private const int MaxNestedIndexes = 64;

    /// <summary>Finds the image.</summary>
    /// <param name="source">The reference.</param>
    /// <param name="request">
    /// Which of an index's images; null takes the newest for windows/amd64 of an index, and of a single image whatever it is.
    /// </param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <exception cref="PlatformException">There is no image for the platform.</exception>
    /// <exception cref="ManifestException">A document is malformed, or contradicts another.</exception>
    /// <exception cref="DigestMismatchException">A document's bytes have another digest.</exception>
    public static async Task<ResolvedImage> ResolveAsync(IImageSource source, PlatformRequest? request = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ImageDocument root = await ReadDocumentAsync(source, expected: null, cancellationToken).ConfigureAwait(false);
        if (root is not ImageIndex index)
            return await ResolveAsync(source, (ImageManifest)root, indexes: [], choice: null, request, cancellationToken)
                .ConfigureAwait(false);
        (IReadOnlyList<ImageIndex> indexes, IReadOnlyList<Descriptor> images) =
            await FlattenAsync(source, index, cancellationToken).ConfigureAwait(false);
        PlatformChoice choice = PlatformMatcher.Choose(images, request ?? PlatformRequest.Default);
        ImageDocument chosen = await ReadDocumentAsync(source, choice.Require(), cancellationToken).ConfigureAwait(false);
        return await ResolveAsync(source, AsManifest(chosen), indexes, choice, request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds every image that the reference names: all of an index, for whatever platform.</summary>
    /// <exception cref="ManifestException">A document is malformed, or contradicts another.</exception>
    /// <exception cref="DigestMismatchException">A document's bytes have another digest.</exception>
    public static async Task<IReadOnlyList<ResolvedImage>> ResolveAllAsync(IImageSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ImageDocument root = await ReadDocumentAsync(source, expected: null, cancellationToken).ConfigureAwait(false);
        if (root is not ImageIndex index)
            return [await ResolveAsync(source, AsManifest(root), indexes: [], choice: null, request: null, cancellationToken)
                .ConfigureAwait(false)];
        (IReadOnlyList<ImageIndex> indexes, IReadOnlyList<Descriptor> entries) =
            await FlattenAsync(source, index, cancellationToken).ConfigureAwait(false);
        List<ResolvedImage> images = [];
        foreach (Descriptor entry in entries.Where(PlatformMatcher.IsImage).DistinctBy(entry => entry.Digest))
        {
            ImageManifest manifest = AsManifest(await ReadDocumentAsync(source, entry, cancellationToken).ConfigureAwait(false));
            images.Add(await ResolveAsync(source, manifest, indexes, choice: null, request: null, cancellationToken).ConfigureAwait(false));
        }

        return images;
    }

    /// <summary>Looks at every image that the reference names and tells what was found about each.</summary>
    public static async Task<PlatformChoice> ChooseAsync(IImageSource source, PlatformRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ImageDocument root = await ReadDocumentAsync(source, expected: null, cancellationToken).ConfigureAwait(false);
        if (root is ImageIndex index)
            return PlatformMatcher.Choose(
                (await FlattenAsync(source, index, cancellationToken).ConfigureAwait(false)).Images, request);
        (ImageConfig config, _) = await ReadConfigAsync(source, AsManifest(root), cancellationToken).ConfigureAwait(false);
        return PlatformMatcher.Choose([root.Descriptor with { Platform = config.Platform }], request);
    }

    /// <summary>Reads a manifest or index and verifies it; with null what the reference names.</summary>
    internal static async Task<ImageDocument> ReadDocumentAsync(IImageSource source, Descriptor? expected,
        CancellationToken cancellationToken)
    {
        RawManifest raw = await source.GetManifestAsync(expected?.Digest, cancellationToken).ConfigureAwait(false);
        Digest actual = ContentHash.Of(raw.Bytes.Span, expected?.Digest ?? raw.Digest);
        if (actual != (expected?.Digest ?? raw.Digest))
            throw new DigestMismatchException("manifest", expected?.Digest ?? raw.Digest, actual, raw.Bytes.Length);
        if (expected is not null && raw.Bytes.Length != expected.Size)
            throw new SizeMismatchException($"manifest {expected.Digest}", expected.Size, raw.Bytes.Length);
        return ImageDocument.Parse(raw);
    }

    private static async Task<(IReadOnlyList<ImageIndex> Indexes, IReadOnlyList<Descriptor> Images)> FlattenAsync(
        IImageSource source, ImageIndex index, CancellationToken cancellationToken)
    {
        List<Descriptor> images = [];
        List<ImageIndex> indexes = [];
        await FlattenAsync(index, depth: 0).ConfigureAwait(false);
        return (indexes, images);

        // An index may hold further ones; their images are candidates like its own.
        async Task FlattenAsync(ImageIndex level, int depth)
        {
            indexes.Add(level);
            if (depth > MaxNesting || indexes.Count > MaxNestedIndexes)
                throw new ManifestException(ManifestFailure.Malformed, index.Raw.Digest.ToString(),
                    "its indexes are nested too deeply, or are too many");
            foreach (Descriptor entry in level.Manifests)
            {
                if (!MediaTypes.IsIndex(entry.MediaType))
                    images.Add(entry);
                else if (await ReadDocumentAsync(source, entry, cancellationToken).ConfigureAwait(false) is ImageIndex nested)
                    await FlattenAsync(nested, depth + 1).ConfigureAwait(false);
            }
        }
    }

    private static async Task<ResolvedImage> ResolveAsync(
        IImageSource source, ImageManifest manifest, IReadOnlyList<ImageIndex> indexes, PlatformChoice? choice, PlatformRequest? request,
            CancellationToken cancellationToken)
    {
        (ImageConfig config, byte[] bytes) = await ReadConfigAsync(source, manifest, cancellationToken).ConfigureAwait(false);
        string document = manifest.Raw.Digest.ToString();
        if (config.DiffIds.Count != manifest.Layers.Count)
        {
            throw new ManifestException(
                ManifestFailure.LayerCount, document,
                    $"it has {manifest.Layers.Count} layers, its configuration {config.DiffIds.Count} DiffIDs");
        }

        Platform platform = config.Platform;
        string? warning = null;
        if (choice?.Chosen?.Platform is { } promised)
        {
            bool isKept = string.Equals(promised.Os, platform.Os, StringComparison.OrdinalIgnoreCase)
                && string.Equals(promised.Architecture, platform.Architecture, StringComparison.OrdinalIgnoreCase);
            if (!isKept)
                throw new ManifestException(ManifestFailure.Malformed, document,
                    $"the index calls it {promised.Os}/{promised.Architecture}, its configuration {platform.Os}/{platform.Architecture}");
            if (promised.OsVersion is { } listed && platform.OsVersion is { } own && listed != own)
            {
                // Both are covered by digests, so one of them was written wrongly. Hosts go by the configuration.
                if (PlatformMatcher.Refusal(platform, choice.Request) is { } misfit)
                    throw PlatformException.NotAsListed(choice.Request, listed, own, misfit);
                warning = $"the index calls it {listed}, its configuration {own}, which hosts go by";
            }

            platform = platform with { OsVersion = platform.OsVersion ?? promised.OsVersion };
        }
        else if (request is not null && PlatformMatcher.Refusal(platform, request) is { } reason)
        {
            throw PlatformException.NotWanted(request, reason);
        }

        IReadOnlyList<Digest> chain = ChainId.OfAll(config.DiffIds);
        return new ResolvedImage
        {
            Name = source.Name,
            Index = indexes is [var index, ..] ? index : null,
            Indexes = indexes,
            Choice = choice,
            Manifest = manifest,
            Config = config,
            ConfigBytes = bytes,
            Platform = platform,
            Warning = warning,
            Layers = [.. manifest.Layers.Select(
                (layer, i) => new ResolvedLayer(i, layer, config.DiffIds[i], chain[i], i == 0 ? null : chain[i - 1]))],
        };
    }

    private static async Task<(ImageConfig Config, byte[] Bytes)> ReadConfigAsync(
        IImageSource source, ImageManifest manifest, CancellationToken cancellationToken)
    {
        Descriptor descriptor = manifest.Config;
        bool isImage = string.Equals(descriptor.MediaType, MediaTypes.OciConfig, StringComparison.OrdinalIgnoreCase)
            || string.Equals(descriptor.MediaType, MediaTypes.DockerConfig, StringComparison.OrdinalIgnoreCase);
        if (!isImage)
            throw new ManifestException(ManifestFailure.WrongType, manifest.Raw.Digest.ToString(),
                $"it is no image: its configuration is of the type '{descriptor.MediaType}'");
        if (descriptor.Size > ImageConfig.LimitBytes)
            throw new ManifestException(ManifestFailure.TooLarge, descriptor.Digest.ToString(),
                $"the configuration has {descriptor.Size} bytes, {ImageConfig.LimitBytes} are allowed");
        Stream blob = await source.OpenBlobAsync(descriptor, offset: 0, cancellationToken).ConfigureAwait(false);
        await using (blob.ConfigureAwait(false))
        {
            byte[] bytes =
                await DocumentBytes.ReadAsync(new VerifyingStream(blob, descriptor), descriptor.Digest, ImageConfig.LimitBytes,
                cancellationToken).ConfigureAwait(false);
            return (ImageConfig.Parse(bytes, descriptor.Digest.ToString()), bytes);
        }
    }

    private static ImageManifest AsManifest(ImageDocument document) =>
        document as ImageManifest
            ?? throw new ManifestException(ManifestFailure.WrongType, document.Raw.Digest.ToString(),
                "it is an index where an image manifest is due");
}
