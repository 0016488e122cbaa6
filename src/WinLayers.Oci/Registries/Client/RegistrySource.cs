using System.Net;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Registries.Client;

/// <summary>An image in a registry. The client is shared and stays with its owner.</summary>
public sealed class RegistrySource(RegistryClient client, RegistryReference reference) : IImageSource
{
    private RawManifest? _root;

    /// <summary>The reference.</summary>
    public RegistryReference Reference { get; } = reference;

    /// <inheritdoc/>
    public string Name => Reference.ToString();

    /// <inheritdoc/>
    /// <remarks>
    /// A tag is resolved once: first with HEAD, so that what follows is asked by digest and a tag that moves meanwhile changes nothing.
    /// </remarks>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async Task<RawManifest> GetManifestAsync(Digest? digest, CancellationToken cancellationToken = default)
    {
        if (digest is { } wanted)
            return await client.GetManifestAsync(Reference.WithDigest(wanted), cancellationToken).ConfigureAwait(false);
        return _root ??= await client.GetManifestAsync(await PinAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Mirrors first, then the registry, then a foreign layer's <c>urls</c>. The stream resumes by itself; read without await it blocks,
    /// until the token is cancelled.
    /// </remarks>
    /// <exception cref="RegistryException">Nobody gives the blob.</exception>
    public Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default) =>
        client.OpenBlobAsync(Reference, blob, offset, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<RegistryReference> PinAsync(CancellationToken cancellationToken)
    {
        if (Reference.Digest is not null)
            return Reference;
        try
        {
            ManifestHead? head = await client.FindManifestAsync(Reference, cancellationToken).ConfigureAwait(false);
            return head is null ? Reference : Reference.WithDigest(head.Digest);
        }
        catch (RegistryException e) when (
            e is RegistryNotFoundException or RegistryProtocolException or RegistryDeniedException
            || e.Status is HttpStatusCode.NotImplemented)
        {
            // HEAD carries no explanation, and a few registries do not know it: GET tells more, or works.
            return Reference;
        }
    }
}
