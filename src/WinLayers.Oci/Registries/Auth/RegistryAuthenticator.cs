using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using WinLayers.Formats.Text;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>
/// Remembers how each origin wants to be asked. The first request goes without credentials; a challenge decides what follows.
/// Everything here is kept by origin, so nothing that belongs to one can reach another.
/// </summary>
internal sealed partial class RegistryAuthenticator(RegistryOptions options, CredentialSearch search, TokenServer tokens,
    SentSecrets secrets, ILogger logger) : IRequestAuthenticator
{
    private readonly ConcurrentDictionary<Uri, OriginState> _origins = new();

    /// <inheritdoc/>
    public async Task<AuthenticationHeaderValue?> AuthorizeAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        OriginState state = StateOf(request.Endpoint);
        await state.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (state.Basic.TryGetValue(RepositoryOf(request), out AuthenticationHeaderValue? basic))
                return basic;
            return state.Realm is null ? null : await BearerAsync(state, request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            state.Gate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task AnswerAsync(
        RegistryRequest request, HttpResponseMessage response, AuthenticationHeaderValue? used, bool lastChance,
            CancellationToken cancellationToken)
    {
        IReadOnlyList<AuthenticationChallenge> challenges = AuthenticationChallenge.ParseAll(
            response.Headers.TryGetValues("WWW-Authenticate", out IEnumerable<string>? headers) ? headers : []);
        OriginState state = StateOf(request.Endpoint);
        await state.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            CredentialFinding finding = await FindAsync(state, request, cancellationToken).ConfigureAwait(false);
            if (challenges.FirstOrDefault(static c => c.Is("Bearer")) is { } bearer)
            {
                TokenRealm realm = TokenRealm.FromChallenge(bearer, request.Endpoint, request.Call, options.TrustedTokenHosts);
                if (lastChance)
                    throw Refused(request, "it refuses the token it asked for",
                        [.. finding.Tried, Where(realm, state.ScopesFor(request.Scopes))]);
                state.Learn(realm, request.Scopes, used?.Parameter);
                return;
            }

            if (!challenges.Any(static c => c.Is("Basic")))
            {
                string schemes = challenges.Count == 0 ? "names no way"
                    : $"asks for {SafeText.Excerpt(secrets.Redact(string.Join(", ", challenges.Select(c => c.Scheme))))}";
                throw Refused(request, $"it wants authentication but {schemes}", finding.Tried);
            }

            if (finding.Credential is not { Kind: CredentialKind.Password } credential)
                throw Refused(request, "it wants a user and a password, and none were found", finding.Tried);
            AuthenticationHeaderValue basic = TokenServer.Basic(credential);
            secrets.Add(basic.Parameter!);
            if (lastChance || basic.Equals(used))
                throw Refused(request, $"it refuses the user and password from {finding.Source}", finding.Tried, refused: finding.Source);
            state.Basic[RepositoryOf(request)] = basic;
        }
        finally
        {
            state.Gate.Release();
        }
    }

    private async Task<AuthenticationHeaderValue> BearerAsync(OriginState state, RegistryRequest request,
        CancellationToken cancellationToken)
    {
        TokenRealm realm = state.Realm!;
        CredentialFinding finding = await FindAsync(state, request, cancellationToken).ConfigureAwait(false);
        if (finding.Credential is { Kind: CredentialKind.AccessToken } ready)
            return new AuthenticationHeaderValue("Bearer", ready.Secret);
        IReadOnlyList<string> scopes = state.ScopesFor(request.Scopes);
        var key = new TokenKey(realm.Uri, realm.Service, string.Join(' ', scopes));
        if (state.Tokens.TryGetValue(key, out AccessToken? known) && known.UseUntil > options.TimeProvider.GetUtcNow())
            return new AuthenticationHeaderValue("Bearer", known.Value);
        AccessToken token = await FetchAsync(realm, scopes, finding, request, cancellationToken).ConfigureAwait(false);
        if (token.RefreshToken is { } refreshed && finding.Credential is { Kind: CredentialKind.IdentityToken } && realm.MayHaveCredentials)
        {
            secrets.Add(refreshed);
            state.Findings[RepositoryOf(request)] = finding with { Credential = RegistryCredential.FromIdentityToken(refreshed) };
        }

        secrets.Add(token.Value);
        state.Tokens[key] = token;
        return new AuthenticationHeaderValue("Bearer", token.Value);
    }

    private async Task<AccessToken> FetchAsync(
        TokenRealm realm, IReadOnlyList<string> scopes, CredentialFinding finding, RegistryRequest request,
            CancellationToken cancellationToken)
    {
        var tried = new List<string>(finding.Tried);
        string where = Where(realm, scopes);
        if (finding.Credential is { } credential)
        {
            if (realm.MayHaveCredentials)
            {
                AccessToken? token =
                    await tokens.GetAsync(realm, scopes, credential, request.Endpoint, request.Call, cancellationToken)
                        .ConfigureAwait(false);
                if (token is not null)
                    return token;
                tried.Add($"{where}: refuses the credentials from {finding.Source}");
                LogRefused(logger, realm.Name, finding.Source);
            }
            else
            {
                tried.Add($"{where}: not on the registry's own site, so it was not given the credentials from {finding.Source}");
            }
        }

        // Stale credentials must not stand in the way of what anyone may read.
        bool pullsOnly = scopes.All(static s => s.EndsWith(":pull", StringComparison.Ordinal));
        if (!request.ProvesCredential && (pullsOnly || finding.Credential is null))
        {
            if (await tokens.GetAsync(realm, scopes, credential: null, request.Endpoint, request.Call, cancellationToken)
                .ConfigureAwait(false) is { } token)
                return token;
            tried.Add($"{where}: refuses an anonymous token");
        }

        throw Refused(request, "no token could be had", tried,
            isTokenHostUntrusted: finding.Credential is not null && !realm.MayHaveCredentials,
            refused: finding.Credential is not null && realm.MayHaveCredentials ? finding.Source : null);
    }

    private async Task<CredentialFinding> FindAsync(OriginState state, RegistryRequest request, CancellationToken cancellationToken)
    {
        string repository = RepositoryOf(request);
        if (!state.Findings.TryGetValue(repository, out CredentialFinding? finding))
        {
            finding = await search.FindAsync(request.Endpoint, repository, cancellationToken).ConfigureAwait(false);
            if (finding.Credential is { } credential)
                secrets.Add(credential.Secret);
            state.Findings[repository] = finding;
        }

        return finding;
    }

    private OriginState StateOf(RegistryEndpoint endpoint) => _origins.GetOrAdd(endpoint.Origin, static _ => new OriginState());

    private static string RepositoryOf(RegistryRequest request) => request.Endpoint.Repository(request.Call.Repository);

    private static string Where(TokenRealm realm, IReadOnlyList<string> scopes) =>
        $"token server {realm.Name} for {string.Join(' ', scopes)}";

    private static RegistryAuthenticationException Refused(RegistryRequest request, string problem, IReadOnlyList<string> tried,
        bool isTokenHostUntrusted = false, string? refused = null) =>
        new(request.Call, problem, tried, refused: refused)
        {
            Status = System.Net.HttpStatusCode.Unauthorized,
            IsTokenHostUntrusted = isTokenHostUntrusted
        };

    [LoggerMessage(LogLevel.Warning, "{Realm} refuses the credentials from {Source}; asking anonymously.")]
    private static partial void LogRefused(ILogger logger, string realm, string source);
}
