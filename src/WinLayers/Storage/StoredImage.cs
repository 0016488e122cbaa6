using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Storage;

/// <summary>An image that a store has, unpacked or with its blobs alone.</summary>
/// <param name="Digest">Its manifest.</param>
/// <param name="Names">Under which references it was brought, and other names of the store's layout.</param>
public sealed record StoredImage(Digest Digest, IReadOnlyList<string> Names)
{
    /// <summary>The chain ids of its layers, child to parent; null where it is not unpacked.</summary>
    public IReadOnlyList<Digest>? Chain { get; init; }

    /// <summary>How many layers it has; null where its manifest cannot be read.</summary>
    public int? Layers { get; init; }

    /// <summary>The bytes of its layers' blobs; null where its manifest cannot be read.</summary>
    public long? Bytes { get; init; }

    /// <summary>Its platform; null where its configuration cannot be read.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Whether the store has all its blobs: it was pulled, or keeps what it was unpacked from.</summary>
    public bool HasBlobs { get; init; }
}
