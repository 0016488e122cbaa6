using WinLayers.Formats;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;

namespace WinLayers.Oci.Sources;

/// <summary>One image, found and verified down to its configuration: everything but the layers' bytes.</summary>
public sealed record ResolvedImage
{
    /// <summary>The reference as a person would write it.</summary>
    public required string Name { get; init; }

    /// <summary>The index that the reference names, where it names one.</summary>
    public ImageIndex? Index { get; init; }

    /// <summary><see cref="Index"/> and the indexes nested in it: what choosing among its images takes. Empty for a single image.</summary>
    public IReadOnlyList<ImageIndex> Indexes { get; init; } = [];

    /// <summary>How the image was chosen from <see cref="Index"/>.</summary>
    public PlatformChoice? Choice { get; init; }

    /// <summary>The digest that the reference leads to: the index's, or the manifest's where there is none.</summary>
    public Digest Root => Index?.Raw.Digest ?? Manifest.Raw.Digest;

    /// <summary>
    /// The other images of the index; empty where there are none. What is no image, such as an attestation, does not count.
    /// </summary>
    public IReadOnlyList<Descriptor> Others =>
        [.. (Choice?.Candidates ?? []).Select(candidate => candidate.Descriptor)
            .Where(other => other.Digest != Manifest.Raw.Digest && PlatformMatcher.IsImage(other)).DistinctBy(other => other.Digest)];

    /// <summary>The image's manifest.</summary>
    public required ImageManifest Manifest { get; init; }

    /// <summary>The image's configuration.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>The configuration's bytes, as its digest names them.</summary>
    public required ReadOnlyMemory<byte> ConfigBytes { get; init; }

    /// <summary>The layers, base first.</summary>
    public required IReadOnlyList<ResolvedLayer> Layers { get; init; }

    /// <summary>The platform: the configuration's, with a version that only the index knows.</summary>
    public required Platform Platform { get; init; }

    /// <summary>
    /// What a person should know of the image though it can be used: its version is not the one that the index gives. Null where nothing.
    /// </summary>
    public string? Warning { get; init; }

    /// <summary>Refuses an image of more layers than allowed: each costs a look at all below it. Nothing is fetched for this.</summary>
    /// <param name="limits">What an image may cost.</param>
    /// <exception cref="ManifestException">It has more layers.</exception>
    public void RequireLayerCount(LayerLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (Layers.Count > limits.Layers)
        {
            throw new ManifestException(ManifestFailure.TooManyLayers, Manifest.Raw.Digest.ToString(),
                $"it has {Layers.Count} layers, {limits.Layers} are allowed")
            {
                Remedy = "Raise the limit if you trust the image.",
            };
        }
    }
}

/// <summary>One layer of an image.</summary>
/// <param name="Position">Its place, 0 for the base.</param>
/// <param name="Descriptor">Its blob.</param>
/// <param name="DiffId">The digest of its uncompressed tar.</param>
/// <param name="ChainId">The digest that names it together with all below it.</param>
/// <param name="ParentChainId">The chain id of the layer below; null for the base.</param>
public sealed record ResolvedLayer(int Position, Descriptor Descriptor, Digest DiffId, Digest ChainId, Digest? ParentChainId);
