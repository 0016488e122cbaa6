using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Storage;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>What is known of a layer before it is applied.</summary>
public sealed record LayerToApply
{
    /// <summary>Its chain id. The DiffID has to fit it, also where nothing more is known of that.</summary>
    public required Digest ChainId { get; init; }

    /// <summary>The chain id of the layer below; null for a base layer.</summary>
    public Digest? ParentChainId { get; init; }

    /// <summary>Its blob: digest, size and media type.</summary>
    public required Descriptor Blob { get; init; }

    /// <summary>What the DiffID has to be, where that is known.</summary>
    public Digest? DiffId { get; init; }
}

/// <summary>A layer that was applied, whole and verified.</summary>
/// <param name="Identity">Which layer it is, with the DiffID that was found.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="WasPresent">Whether the store had it already; then its blob was not read.</param>
/// <param name="Counts">How much is in it, also the size of its tar; null for a layer of an older store, which did not count.</param>
public sealed record AppliedLayer(LayerIdentity Identity, string Folder, bool WasPresent, LayerCounts? Counts);
