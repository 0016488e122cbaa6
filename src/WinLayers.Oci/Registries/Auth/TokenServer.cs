using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using WinLayers.Formats.Text;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>Gets access tokens: with GET, anonymously or with a password, or with POST for an identity token (OAuth 2).</summary>
internal sealed class TokenServer(SendOneHop send, RegistryOptions options, SentSecrets secrets)
{
    private const int MaxBytes = 64 << 10;
    private const int MaxTokenCharacters = 48 << 10;
    private const string ClientId = "winlayers";
    private static readonly TimeSpan DefaultLife = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MaxLife = TimeSpan.FromHours(12);

    /// <summary>A token, or null where the server refuses the credential (or, without one, wants one).</summary>
    public async Task<AccessToken?> GetAsync(
        TokenRealm realm, IReadOnlyList<string> scopes, RegistryCredential? credential, RegistryEndpoint registry, RegistryCall call,
            CancellationToken cancellationToken) =>
        await Deadline.RunAsync(
            call,
            options.ResponseTimeout,
            options.TimeProvider,
            async token =>
            {
                using HttpRequestMessage message = credential?.Kind == CredentialKind.IdentityToken
                    ? Post(realm, scopes, credential)
                    : Get(realm, scopes, credential);
                using HttpResponseMessage response =
                    await send(realm.AskedBy(registry), message, token).ConfigureAwait(false);
                return await ReadAsync(realm, credential, response, call, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

    private HttpRequestMessage Get(TokenRealm realm, IReadOnlyList<string> scopes, RegistryCredential? credential)
    {
        var query = new StringBuilder(realm.Uri.Query.TrimStart('?'));
        Append(query, "service", realm.Service);
        foreach (string scope in scopes)
            Append(query, "scope", scope);
        if (credential is not null)
            Append(query, "account", credential.User);
        var message = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(realm.Uri) { Query = query.ToString() }.Uri);
        if (credential is not null)
        {
            message.Headers.Authorization = Basic(credential);
            secrets.Add(message.Headers.Authorization.Parameter!);
        }

        return message;
    }

    private static HttpRequestMessage Post(TokenRealm realm, IReadOnlyList<string> scopes, RegistryCredential credential) =>
        new(HttpMethod.Post, realm.Uri)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "refresh_token",
                ["service"] = realm.Service,
                ["client_id"] = ClientId,
                ["scope"] = string.Join(' ', scopes),
                ["refresh_token"] = credential.Secret,
            }),
        };

    /// <summary>The Basic header of a password.</summary>
    public static AuthenticationHeaderValue Basic(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Secret}")));

    private static void Append(StringBuilder query, string name, string value)
    {
        if (value.Length == 0)
            return;
        if (query.Length > 0)
            query.Append('&');
        query.Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }

    private async Task<AccessToken?> ReadAsync(
        TokenRealm realm, RegistryCredential? credential, HttpResponseMessage response, RegistryCall call,
            CancellationToken cancellationToken)
    {
        // A body with a refresh token, or a Basic header, must not travel on: token servers do not redirect.
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return null;
        if (response.StatusCode == HttpStatusCode.BadRequest && credential?.Kind == CredentialKind.IdentityToken)
            return null; // OAuth 2's invalid_grant
        if (!response.IsSuccessStatusCode)
        {
            RegistryException failure = await ResponseFailure.FromAsync(
                call,
                new RedirectedResponse(response, realm.Uri, LeftOrigin: false) { IsForeign = !realm.MayHaveCredentials },
                secrets,
                options.TimeProvider,
                cancellationToken).ConfigureAwait(false);
            throw failure.IsTransient
                ? failure
                : new RegistryProtocolException(call,
                    $"its token server {realm.Name} answers {ResponseFailure.Describe(response.StatusCode)}")
                {
                    Status =
                    response.StatusCode
                };
        }

        byte[] body = await BoundedBody.ReadAsync(response.Content, MaxBytes, cancellationToken).ConfigureAwait(false)
            ?? throw new RegistryProtocolException(call, $"its token server {realm.Name} sends more than {MaxBytes} bytes");
        return Parse(realm, body, call);
    }

    private AccessToken Parse(TokenRealm realm, byte[] body, RegistryCall call)
    {
        try
        {
            using var document = StrictJson.Parse(body);
            JsonElement root = document.RootElement;
            string? value = Text(root, "token") ?? Text(root, "access_token");
            if (value is not { Length: > 0 and <= MaxTokenCharacters } || !value.All(static c => c is > ' ' and < (char)0x7F))
                throw new RegistryProtocolException(call, $"its token server {realm.Name} sends no usable token");
            TimeSpan life = root.TryGetProperty("expires_in", out JsonElement seconds) && seconds.ValueKind == JsonValueKind.Number
                && seconds.TryGetDouble(out double count) && count > 0
                ? TimeSpan.FromSeconds(Math.Min(count, MaxLife.TotalSeconds))
                : DefaultLife;

            // Our clock decides: issued_at would trust the server's. A tenth of the life, 30 seconds at most, covers the way there.
            TimeSpan margin = TimeSpan.FromSeconds(Math.Min(30, life.TotalSeconds / 10));
            return new AccessToken(value, options.TimeProvider.GetUtcNow() + life - margin, Text(root, "refresh_token"));
        }
        catch (JsonException e)
        {
            // Without the cause, which may quote the body.
            throw new RegistryProtocolException(call, $"the answer of its token server {realm.Name} {StrictJson.Describe(e)}");
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
