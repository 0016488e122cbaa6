using System.Net.Http.Headers;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Client;

/// <summary>Reads manifests out of answers and checks what the headers say of them.</summary>
internal static class ManifestAnswer
{
    private const string DigestHeader = "Docker-Content-Digest";

    /// <summary>The digest that the answer names, if it names one that can be read.</summary>
    public static Digest? DigestOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(DigestHeader, out IEnumerable<string>? values)
            && Digest.TryParse(values.First(), out Digest digest) ? digest : null;

    /// <summary>The manifest, its bytes checked against the digest asked for and the one that the answer names.</summary>
    public static async Task<RawManifest> ReadAsync(
        HttpResponseMessage response, RegistryCall call, Digest? wanted, int limit, CancellationToken cancellationToken)
    {
        byte[] bytes = await BoundedBody.ReadAsync(response.Content, limit, cancellationToken).ConfigureAwait(false)
            ?? throw new RegistryProtocolException(call, $"the manifest has more than {limit} bytes");
        if (response.Headers.Contains(DigestHeader) && DigestOf(response) is null)
            throw new RegistryProtocolException(call, $"its {DigestHeader} is not a digest");
        Digest? named = DigestOf(response);
        if (named is { } header && ContentHash.Of(bytes, header) is var actual && actual != header)
            throw new RegistryProtocolException(call, $"its {DigestHeader} is {header}, but the bytes have {actual}");
        if (wanted is { } digest && ContentHash.Of(bytes, digest) is var found && found != digest)
            throw new RegistryProtocolException(call, $"it sends a manifest with the digest {found}");
        var raw = new RawManifest(response.Content.Headers.ContentType?.MediaType ?? "", wanted ?? named ?? ContentHash.Of(bytes), bytes);

        // A server of plain files knows no media types; then the document says what it is, and is checked to be it.
        return MediaTypes.IsIndex(raw.MediaType) || MediaTypes.IsManifest(raw.MediaType)
            ? raw
            : raw with { MediaType = ImageDocument.Parse(raw).MediaType };
    }

    /// <summary>The manifest as a body to send.</summary>
    public static HttpContent ToContent(RawManifest manifest) =>
        new ReadOnlyMemoryContent(manifest.Bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(manifest.MediaType) } };

    /// <summary>Checks that the registry stored what it was sent.</summary>
    public static Task<bool> CheckStored(HttpResponseMessage response, RegistryCall call, RawManifest manifest) =>
        DigestOf(response) is { } stored && stored.Algorithm == manifest.Digest.Algorithm && stored != manifest.Digest
            ? throw new RegistryProtocolException(call, $"it stored {stored} where {manifest.Digest} was sent")
            : Task.FromResult(true);
}
