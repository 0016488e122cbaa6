using System.Collections.Concurrent;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Registries.Client;

/// <summary>A place for an image in a registry. The client is shared and stays with its owner.</summary>
/// <param name="client">The client.</param>
/// <param name="reference">Where the image goes.</param>
/// <param name="mountFrom">
/// Where the image comes from, if that is a registry: blobs are taken over from there without being sent when it is the same one.
/// </param>
public sealed class RegistryTarget(RegistryClient client, RegistryReference reference, RegistryReference? mountFrom = null) : IImageTarget
{
    private readonly string? _mountFrom =
        mountFrom is not null && mountFrom.Host == reference.Host
            && mountFrom.Repository != reference.Repository ? mountFrom.Repository : null;

    private readonly ConcurrentDictionary<Digest, Uri> _sessions = new();

    /// <summary>The reference.</summary>
    public RegistryReference Reference { get; } = reference;

    /// <inheritdoc/>
    public string Name => Reference.ToString();

    /// <inheritdoc/>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async Task<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken = default)
    {
        if (await client.HasBlobAsync(Reference, blob, cancellationToken).ConfigureAwait(false))
            return true;
        if (_mountFrom is null)
            return false;
        (bool mounted, Uri? session) = await client.TryMountAsync(Reference, _mountFrom, blob, cancellationToken).ConfigureAwait(false);

        // What refuses to mount has begun an upload instead, which is used if the blob is then sent.
        if (session is not null)
            _sessions[blob.Digest] = session;
        return mounted;
    }

    /// <inheritdoc/>
    /// <remarks>A content that can seek lets a broken upload start over.</remarks>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(blob);
        _sessions.TryRemove(blob.Digest, out Uri? session);
        return client.PutBlobAsync(Reference, blob, content, session, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public Task PutManifestAsync(RawManifest manifest, bool isRoot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return client.PutManifestAsync(isRoot ? Reference : Reference.WithDigest(manifest.Digest), manifest, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="RegistryException">The reference has a digest, and the image another.</exception>
    public void Preflight(ImageDocument root, bool mayChange)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (!mayChange)
            RegistryClient.RefuseOther(Reference, root.Raw.Digest);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
