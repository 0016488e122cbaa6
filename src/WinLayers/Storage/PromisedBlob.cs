using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Storage;

/// <summary>A blob that has to be in a store.</summary>
/// <param name="Blob">Which.</param>
/// <param name="Reference">An image that has it; null where none does.</param>
/// <param name="MayBeMissing">Whether the image is whole without it.</param>
internal sealed record PromisedBlob(Descriptor Blob, string? Reference, bool MayBeMissing)
{
    /// <summary>What images say of the tar in it: one digest, unless they contradict each other.</summary>
    public HashSet<Digest> DiffIds { get; init; } = [];
}
