using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Copying;

/// <summary>What happens to foreign layers, whose bytes may be kept outside registries.</summary>
public enum ForeignLayerHandling
{
    /// <summary>Their bytes are not sent; whoever wants them follows the <c>urls</c>, which stay.</summary>
    LeaveOut,

    /// <summary>Their bytes are sent like others; manifests, and so digests, stay as they are.</summary>
    Include,

    /// <summary>Their bytes are sent and they become plain layers without <c>urls</c>: manifests and digests change.</summary>
    Normalize,
}

/// <summary>How an image is copied.</summary>
public sealed record CopyOptions
{
    /// <summary>The defaults.</summary>
    public static CopyOptions Default { get; } = new();

    /// <summary>Whether the whole index is copied, with all its images, rather than one of them.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>Which image of an index, where not all; null takes the newest for windows/amd64.</summary>
    public PlatformRequest? Platform { get; init; }

    /// <summary>What happens to foreign layers.</summary>
    public ForeignLayerHandling Foreign { get; init; }

    /// <summary>Whether blobs that the target, a layout, has already are read and verified; one that is damaged is brought anew.</summary>
    public bool VerifyPresent { get; init; }

    /// <summary>How many blobs move at once.</summary>
    public int BlobsAtOnce { get; init; } = 4;
}

/// <summary>What a copy did.</summary>
/// <param name="Root">The manifest or index that the target's reference names now.</param>
/// <param name="SourceDigest">The digest that it has at the source; another one where foreign layers were normalized.</param>
/// <param name="Copied">How many blobs moved.</param>
/// <param name="Present">How many blobs the target had.</param>
/// <param name="LeftOut">The foreign layers that stayed behind.</param>
/// <param name="Bytes">How many bytes moved.</param>
public sealed record CopyResult(Descriptor Root, Digest SourceDigest, int Copied, int Present, IReadOnlyList<Descriptor> LeftOut,
    long Bytes)
{
    /// <summary>The one image that was copied, with the others that it was chosen from; null where the whole index was copied.</summary>
    public ResolvedImage? Image { get; init; }
}
