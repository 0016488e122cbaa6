using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Sources;

/// <summary>Where an image comes from: one reference in a registry, a layout, an archive.</summary>
public interface IImageSource : IAsyncDisposable
{
    /// <summary>The reference as a person would write it, for messages.</summary>
    string Name { get; }

    /// <summary>
    /// The manifest or index with this digest, or with none the one that the reference names. Its bytes are checked against the digest.
    /// </summary>
    Task<RawManifest> GetManifestAsync(Digest? digest, CancellationToken cancellationToken = default);

    /// <summary>
    /// Opens a blob from <paramref name="offset"/> on. The bytes are not checked: whoever reads them compares size and digest. Belongs to
    /// the caller.
    /// </summary>
    Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default);
}

/// <summary>Where an image can be sent: one reference in a registry, a layout, an archive.</summary>
public interface IImageTarget : IAsyncDisposable
{
    /// <summary>The reference as a person would write it, for messages.</summary>
    string Name { get; }

    /// <summary>Whether the target has the blob already, or can take it from a place of its own.</summary>
    Task<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken = default);

    /// <summary>Stores a blob. Its bytes are checked against the descriptor; on a mismatch nothing is stored.</summary>
    Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores a manifest or index whose blobs are stored. With <paramref name="isRoot"/> it becomes what the reference names.
    /// </summary>
    Task PutManifestAsync(RawManifest manifest, bool isRoot, CancellationToken cancellationToken = default);

    /// <summary>
    /// Throws what <see cref="PutManifestAsync"/> would throw for this image in the end, before hours went into moving its blobs. A target
    /// that takes every image need not have it.
    /// </summary>
    /// <param name="root">The image that the reference shall name.</param>
    /// <param name="mayChange">Whether it may be another by then: foreign layers are normalized.</param>
    void Preflight(ImageDocument root, bool mayChange)
    {
    }
}
