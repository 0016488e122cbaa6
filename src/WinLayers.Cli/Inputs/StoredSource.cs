using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Inputs;

/// <summary>Images as the store has them: by digest, or by a name whose source is not asked.</summary>
internal static class StoredSource
{
    /// <summary>The image with this digest; null where the store has none.</summary>
    /// <exception cref="UsageException">Several begin so.</exception>
    public static async Task<IImageSource?> FindDigestAsync(Invocation call, LayerStore? store, string start)
    {
        IReadOnlyList<Digest> found = store is null ? []
            : await StoredImages.FindAsync(store, start, call.CancellationToken).ConfigureAwait(false);
        if (found.Count > 1)
            throw new UsageException($"'{start}' may be {string.Join(" or ", found)}: write more of the digest");
        return found is [var digest] ? OciLayoutSource.Open(store!.Blobs, digest.ToString(), digest) : null;
    }

    /// <summary>The image that a name led to when its source was last asked; null where the store does not know the name.</summary>
    public static IImageSource? FindName(LayerStore? store, ImageReference reference) =>
        store is not null && RootOf(store, reference) is { } root ? OciLayoutSource.Open(store.Blobs, reference.ToString(), root) : null;

    /// <summary>What a name led to when its source was last asked; null where the store does not know the name.</summary>
    public static Digest? RootOf(LayerStore store, ImageReference reference)
    {
        string name = reference.ToString();
        if (store.FindName(name) is { } known)
            return known.Root;

        // A store of the first version has names in the records of images, and in its layout.
        Digest[] unpacked =
            [.. store.ListImages().Where(image => image.References.Contains(name, StringComparer.Ordinal))
                .Select(image => image.ManifestDigest)];
        if (unpacked.Length > 1)
            throw new UsageException($"{name} is several images of the store; name one: {string.Join(", ", unpacked)}");
        return unpacked is [var only] ? only : store.Blobs.Index.Find(StoreOption.NameOf(reference))?.Digest;
    }

    /// <summary>Refuses what is not there before anything is done: of an index perhaps only other images are.</summary>
    public static async Task CheckAsync(Invocation call, LayerStore store, IImageSource source, PlatformRequest? request)
    {
        RawManifest root = await source.GetManifestAsync(digest: null, call.CancellationToken).ConfigureAwait(false);
        if (!MediaTypes.IsIndex(root.MediaType))
            return;
        PlatformChoice choice =
            await ImageResolver.ChooseAsync(source, request ?? PlatformRequest.Default, call.CancellationToken).ConfigureAwait(false);
        if (store.Blobs.Contains(choice.Require().Digest))
            return;
        string[] others =
            [.. choice.Candidates.Where(other => store.Blobs.Contains(other.Descriptor.Digest))
                .Select(other => other.Descriptor.Platform is { } platform
                    ? $"{platform.Os}/{platform.Architecture} {platform.OsVersion}".TrimEnd()
                    : other.Descriptor.Digest.ToString())];
        throw CommandFailedException.NotInStore($"{source.Name} for {choice.Request}",
            others.Length == 0 ? "Pull or unpack it first"
                : $"The store has it for {string.Join(", ", others)}: choose with --platform, --arch " +
                    "or --os-version, or pull this one first");
    }
}
