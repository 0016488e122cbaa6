using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries.Auth;
using WinLayers.Oci.Registries.Blobs;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Client;

/// <summary>
/// Speaks to registries of the OCI distribution specification 1.1. One client serves any number of registries, sources and targets, and
/// is safe for use by
/// several threads: share one for everything that belongs to one task, so that connections and tokens are shared and credentials from the
/// environment have one owner.
/// </summary>
public sealed partial class RegistryClient : IDisposable
{
    private readonly RegistryOptions _options;
    private readonly ILogger _logger;
    private readonly RegistryConnections _connections;
    private readonly CredentialSearch _search;
    private readonly EndpointResolver _endpoints;
    private readonly RegistryTransport _transport;
    private readonly ForeignUrls _foreign;

    /// <summary>Creates a client. Nothing is connected to yet.</summary>
    /// <exception cref="RegistryUsageException">
    /// The file of certificate authorities cannot be used, or a host is given as something else.
    /// </exception>
    public RegistryClient(RegistryOptions? options = null, ILogger<RegistryClient>? logger = null)
    {
        _options = options ?? new RegistryOptions();

        // A URL would match no registry, and whoever gave it would be told of TLS instead.
        if (_options.PlainHttpHosts.Concat(_options.NamedRegistries).Concat(_options.TrustedTokenHosts)
            .FirstOrDefault(static host => host.AsSpan().ContainsAny('/', '@')) is { } wrong)
            throw new RegistryUsageException($"'{wrong}' is no HOST[:PORT] of a registry or token server.");
        _logger = logger ?? NullLogger<RegistryClient>.Instance;
        var secrets = new SentSecrets();
        SslClientAuthenticationOptions tls = TlsTrust.Create(_options.TlsCaFile);
        _connections = new RegistryConnections(_options, tls);
        _search = new CredentialSearch(_options, new CredentialHelper(_options), _logger);
        _endpoints = new EndpointResolver(_options, _logger);
        var authenticator = new RegistryAuthenticator(
            _options, _search, new TokenServer(_connections.SendAsync, _options, secrets), secrets, _logger);
        _transport = new RegistryTransport(_options, _connections.SendAsync, authenticator, secrets, _logger);
        _foreign = new ForeignUrls(_options, tls, _logger);
    }

    /// <summary>What the registry says of the reference's manifest, or null where it says nothing usable without sending it.</summary>
    /// <exception cref="RegistryNotFoundException">There is no such manifest.</exception>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async Task<ManifestHead?> FindManifestAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return await _endpoints.ReadAsync(
            reference.Host,
            endpoint => _transport.ExecuteAsync(
                ManifestRequest(endpoint, reference, HttpMethod.Head), static (response, _) =>
                    Task.FromResult(ReadHead(response)), cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The reference's manifest or index, its bytes checked against the digest of the reference and that of the answer.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async Task<RawManifest> GetManifestAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return await _endpoints.ReadAsync(
            reference.Host,
            endpoint =>
            {
                RegistryRequest request = ManifestRequest(endpoint, reference, HttpMethod.Get);
                return _transport.ExecuteAsync(
                    request, (response, token) =>
                        ManifestAnswer.ReadAsync(response, request.Call, reference.Digest, _options.ManifestBytes, token),
                        cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the registry itself, not a mirror, has the blob in the reference's repository.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async Task<bool> HasBlobAsync(RegistryReference repository, Descriptor blob, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blob);
        RegistryEndpoint endpoint = await OriginAsync(repository, cancellationToken).ConfigureAwait(false);
        RegistryRequest request =
            Request(endpoint, repository, HttpMethod.Head, $"blobs/{blob.Digest}",
            $"look for blob {blob.Digest}") with
            { Expected = [HttpStatusCode.NotFound] };
        return await _transport.ExecuteAsync(
            request,
            (response, _) => response.StatusCode == HttpStatusCode.NotFound ? Task.FromResult(false)
                : response.Content.Headers.ContentLength is { } length && length != blob.Size
                    ? throw new RegistryProtocolException(request.Call, $"it has {length} bytes for a blob of {blob.Size}")
                    : Task.FromResult(true),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Opens a blob from an offset on: from the mirrors, the registry, or for a foreign layer from its <c>urls</c>. The stream resumes by
    /// itself after a lost connection and
    /// ends at the blob's size; its bytes are not verified. It belongs to the caller. Read without await it blocks the thread.
    /// </summary>
    /// <param name="repository">Where the blob is.</param>
    /// <param name="blob">Which.</param>
    /// <param name="offset">Its first byte that is wanted.</param>
    /// <param name="cancellationToken">Stops the opening, and later reads that block.</param>
    /// <exception cref="RegistryException">Nobody gives the blob.</exception>
    public async Task<Stream> OpenBlobAsync(RegistryReference repository, Descriptor blob, long offset,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blob);
        var call = new RegistryCall(repository.Host, repository.Repository, $"read blob {blob.Digest}");
        RegistryEndpoint? before = null;
        try
        {
            return await ResumingBlobStream.OpenAsync(OpenAsync, call, blob, offset, _transport.Retry, _options, _logger,
                cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (ForeignUrls.CanHave(blob))
        {
            LogTryingForeignUrls(_logger, e.Message);
            return await _foreign.OpenAsync(call, blob, offset, e, cancellationToken).ConfigureAwait(false);
        }

        Task<BlobAnswer> OpenAsync(long from, string? entityTag, CancellationToken token) => _endpoints.ReadAsync(
            repository.Host,
            async endpoint =>
            {
                // An entity tag is worth something to the server that gave it alone.
                RegistryRequest request = Request(endpoint, repository, HttpMethod.Get, $"blobs/{blob.Digest}", call.Operation) with
                {
                    Headers = BlobAnswer.RangeHeaders(from, endpoint == before ? entityTag : null),
                };
                before = endpoint;
                HttpResponseMessage response = await _transport.SendOnceAsync(request, token).ConfigureAwait(false);
                return BlobAnswer.Check(response, request.Call, blob, from);
            },
            token);
    }

    /// <summary>
    /// Stores a blob, after its size and digest have been checked. A content that can seek lets a broken upload start over.
    /// </summary>
    /// <exception cref="DigestMismatchException">The content is another; nothing is stored.</exception>
    /// <exception cref="SizeMismatchException">The content is longer or shorter; nothing is stored.</exception>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public Task PutBlobAsync(RegistryReference repository, Descriptor blob, Stream content,
        CancellationToken cancellationToken = default) =>
        PutBlobAsync(repository, blob, content, session: null, cancellationToken);

    /// <summary>Takes a blob from another repository of the same registry; false where the registry does not do so.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached or breaks the protocol.</exception>
    public async Task<bool> MountBlobAsync(RegistryReference repository, string fromRepository, Descriptor blob,
        CancellationToken cancellationToken = default) =>
        (await TryMountAsync(repository, fromRepository, blob, cancellationToken).ConfigureAwait(false)).Mounted;

    /// <summary>Stores a manifest under the reference's tag, or under its digest where it has none.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async Task PutManifestAsync(RegistryReference reference, RawManifest manifest, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(manifest);
        RefuseOther(reference, manifest.Digest);
        RegistryEndpoint endpoint = await OriginAsync(reference, cancellationToken).ConfigureAwait(false);
        string name = reference.Tag ?? manifest.Digest.ToString();
        RegistryRequest request = Request(endpoint, reference, HttpMethod.Put, $"manifests/{name}", $"store manifest {name}") with
        {
            Scopes = [RegistryScope.PullPush(reference.Repository)],
            Content = () => ManifestAnswer.ToContent(manifest),
        };
        await _transport.ExecuteAsync(request, (response, _) => ManifestAnswer.CheckStored(response, request.Call, manifest),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Deletes what the reference names from the registry itself: with a digest the manifest, and every tag that leads to it; with a tag
    /// alone the tag, and the manifest stays. Blobs are the registry's own to collect.
    /// </summary>
    /// <exception cref="RegistryNotFoundException">There is no such manifest or tag.</exception>
    /// <exception cref="RegistryUnsupportedException">The registry does not delete, or no tag without its manifest.</exception>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async Task DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        RegistryEndpoint endpoint = await OriginAsync(reference, cancellationToken).ConfigureAwait(false);
        RegistryRequest request =
            Request(endpoint, reference, HttpMethod.Delete, $"manifests/{reference.Target}",
            $"delete {(reference.Digest is null ? "tag" : "manifest")} {reference.Target}") with
            {
                Scopes = [RegistryScope.Delete(endpoint.Repository(reference.Repository))],
                Expected = [HttpStatusCode.BadRequest, HttpStatusCode.MethodNotAllowed],
            };
        await _transport.ExecuteAsync(
            request,
            (response, _) => response.IsSuccessStatusCode ? Task.FromResult(true)
                : throw Deletion.Refused(request.Call, response.StatusCode, isTag: reference.Digest is null),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks a registry whether it takes these credentials; false where it asks nobody for any, so that it does not tell.</summary>
    /// <param name="registry">The registry, <c>host[:port]</c>.</param>
    /// <param name="credential">The credentials; those of the options and the surroundings are not looked at.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="RegistryAuthenticationException">The registry, or its token server, refuses them.</exception>
    /// <exception cref="RegistryException">The registry cannot be reached or breaks the protocol.</exception>
    public async Task<bool> CheckCredentialAsync(
        string registry, RegistryCredential credential, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(credential);
        string name = CredentialStore.RegistryOf(registry);
        bool isAsked = false;
        RegistryOptions options = _options with
        {
            AuthFile = null,
            Credentials = (_, _) =>
            {
                isAsked = true;
                return ValueTask.FromResult<RegistryCredential?>(credential);
            },
        };
        var search = new CredentialSearch(options, new CredentialHelper(options), _logger);
        var secrets = new SentSecrets();
        var authenticator =
            new RegistryAuthenticator(options, search, new TokenServer(_connections.SendAsync, options, secrets), secrets, _logger);
        RegistryEndpoint endpoint = await _endpoints.OriginAsync(name, cancellationToken).ConfigureAwait(false);
        RegistryRequest request = new()
        {
            Call = new RegistryCall(endpoint.Name, "", "log in"),
            Endpoint = endpoint,
            Method = HttpMethod.Get,
            Uri = new Uri(endpoint.Origin, "/v2/"),
            Scopes = [],
            ProvesCredential = true,
        };
        return await new RegistryTransport(options, _connections.SendAsync, authenticator, secrets, _logger)
            .ExecuteAsync(request, (_, _) => Task.FromResult(isAsked), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tags of the reference's repository, page after page, from the registry itself.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async IAsyncEnumerable<string> ListTagsAsync(RegistryReference repository,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repository);
        RegistryEndpoint endpoint = await OriginAsync(repository, cancellationToken).ConfigureAwait(false);
        RegistryRequest first = Request(endpoint, repository, HttpMethod.Get, "tags/list?n=1000", "list tags");
        await foreach (
            string tag in RegistryLists.TagsAsync(_transport, first, _options.ManifestBytes, cancellationToken).ConfigureAwait(false))
            yield return tag;
    }

    /// <summary>
    /// What refers to a manifest, from the registry itself; of one kind where <paramref name="artifactType"/> is given. On registries
    /// without the
    /// referrers API the tag that stands in for it is read.
    /// </summary>
    /// <exception cref="RegistryException">The registry cannot be reached, refuses or breaks the protocol.</exception>
    public async Task<IReadOnlyList<Referrer>> ListReferrersAsync(
        RegistryReference repository, Digest subject, string? artifactType = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repository);
        RegistryEndpoint endpoint = await OriginAsync(repository, cancellationToken).ConfigureAwait(false);
        string filter = artifactType is null ? "" : $"?artifactType={Uri.EscapeDataString(artifactType)}";
        RegistryRequest api = Request(endpoint, repository, HttpMethod.Get, $"referrers/{subject}{filter}", $"list referrers of {subject}");
        RegistryRequest tag =
            api with
            {
                Uri = endpoint.UriOf(repository.Repository, $"manifests/{subject.Algorithm}-{subject.Hex}"),
                Accept = [MediaTypes.OciIndex]
            };
        IReadOnlyList<Referrer> all =
            await RegistryLists.ReferrersAsync(_transport, api, tag, _options.ManifestBytes, cancellationToken).ConfigureAwait(false);
        return artifactType is null ? all : all.Where(r => r.ArtifactType == artifactType).ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connections.Dispose();
        _foreign.Dispose();
    }

    internal static void RefuseOther(RegistryReference reference, Digest manifest)
    {
        if (reference.Digest is { } named && named != manifest)
            throw new RegistryUsageException($"The manifest {manifest} cannot be stored as {reference}.");
    }

    internal async Task PutBlobAsync(RegistryReference repository, Descriptor blob, Stream content, Uri? session,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blob);
        ArgumentNullException.ThrowIfNull(content);
        RegistryEndpoint endpoint = await OriginAsync(repository, cancellationToken).ConfigureAwait(false);
        await new BlobUpload(_transport, endpoint, repository.Repository, blob, _options, _logger) { Session = session }
            .RunAsync(content, cancellationToken).ConfigureAwait(false);
    }

    internal async Task<(bool Mounted, Uri? Session)> TryMountAsync(
        RegistryReference repository, string fromRepository, Descriptor blob, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blob);
        RegistryEndpoint endpoint = await OriginAsync(repository, cancellationToken).ConfigureAwait(false);
        try
        {
            return await new BlobUpload(_transport, endpoint, repository.Repository, blob, _options, _logger)
                .MountAsync(fromRepository, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (e is RegistryDeniedException or RegistryAuthenticationException or RegistryNotFoundException
            || e.Status is HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
        {
            // A mount only saves work; many registries know none, and say so in many ways.
            LogUploadingInstead(_logger, e.Message);
            return (false, null);
        }
    }

    private async Task<RegistryEndpoint> OriginAsync(RegistryReference reference, CancellationToken cancellationToken)
    {
        return await _endpoints.OriginAsync(reference.Host, cancellationToken).ConfigureAwait(false);
    }

    private static RegistryRequest ManifestRequest(RegistryEndpoint endpoint, RegistryReference reference, HttpMethod method) =>
        Request(endpoint, reference, method, $"manifests/{reference.Target}",
            $"read manifest {reference.Target}") with
        { Accept = MediaTypes.Manifests };

    private static RegistryRequest Request(RegistryEndpoint endpoint, RegistryReference reference, HttpMethod method, string what,
        string operation) => new()
        {
            Call = new RegistryCall(endpoint.Name, reference.Repository, operation),
            Endpoint = endpoint,
            Method = method,
            Uri = endpoint.UriOf(reference.Repository, what),
            Scopes = [RegistryScope.Pull(endpoint.Repository(reference.Repository))],
        };

    private static ManifestHead? ReadHead(HttpResponseMessage response) =>
        ManifestAnswer.DigestOf(response) is { } digest && response.Content.Headers.ContentType?.MediaType is { } type
            ? new ManifestHead(digest, type, response.Content.Headers.ContentLength)
            : null;

    [LoggerMessage(LogLevel.Information, "{Problem} Trying the layer's foreign URLs.")]
    private static partial void LogTryingForeignUrls(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Information, "{Problem} The blob is uploaded instead.")]
    private static partial void LogUploadingInstead(ILogger logger, string problem);
}
