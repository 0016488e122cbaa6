using System.Net.Http.Headers;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>What one origin asks for, and what was got to satisfy it. Touched only by the holder of the gate.</summary>
internal sealed class OriginState
{
    private readonly Dictionary<string, string> _wider = new(StringComparer.Ordinal);

    public SemaphoreSlim Gate { get; } = new(1, 1);

    public TokenRealm? Realm { get; private set; }

    /// <summary>By repository, as files may hold credentials for parts of a registry.</summary>
    public Dictionary<string, AuthenticationHeaderValue> Basic { get; } = new(StringComparer.Ordinal);

    /// <summary>By repository.</summary>
    public Dictionary<string, CredentialFinding> Findings { get; } = new(StringComparer.Ordinal);

    public Dictionary<TokenKey, AccessToken> Tokens { get; } = [];

    /// <summary>Takes in a challenge to a request for these scopes; the token that was used for it is of no more use.</summary>
    public void Learn(TokenRealm realm, IReadOnlyList<string> scopes, string? usedToken)
    {
        Realm = realm;
        if (realm.Scope is { } wanted && !RegistryScope.Covers(scopes, wanted))
            _wider[string.Join(' ', scopes)] = wanted;
        foreach (TokenKey key in Tokens.Where(t => t.Value.Value == usedToken).Select(static t => t.Key).ToArray())
            Tokens.Remove(key);
    }

    /// <summary>The scopes, and what the registry asked for beside them.</summary>
    public IReadOnlyList<string> ScopesFor(IReadOnlyList<string> scopes) =>
        _wider.TryGetValue(string.Join(' ', scopes), out string? more) ? [.. scopes, more] : scopes;
}

/// <summary>What a token is good for.</summary>
internal readonly record struct TokenKey(Uri Realm, string Service, string Scopes);
