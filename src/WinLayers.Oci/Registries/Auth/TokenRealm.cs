using System.Collections.Frozen;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>Where a registry sends its clients for tokens, and whether its credentials may go there.</summary>
internal sealed record TokenRealm
{
    // What countries commonly register names below. A country's other short names, cbs.nl, are somebody's own.
    private static readonly FrozenSet<string> SecondLevels = FrozenSet.ToFrozenSet(
        ["ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "govt", "gv", "id", "ltd", "me", "mil", "ne", "net", "nhs", "nom", "or",
            "org", "plc", "sch"],
        StringComparer.OrdinalIgnoreCase);

    private readonly bool _isNamed;

    private TokenRealm(Uri uri, string service, string? scope, bool mayHaveCredentials, bool isNamed)
    {
        Uri = uri;
        Service = service;
        Scope = scope;
        MayHaveCredentials = mayHaveCredentials;
        _isNamed = isNamed;
    }

    public Uri Uri { get; }

    public string Service { get; }

    /// <summary>The scope that the registry asks for.</summary>
    public string? Scope { get; }

    /// <summary>Whether the realm is on the registry's own site or trusted by an option.</summary>
    public bool MayHaveCredentials { get; }

    /// <summary>The realm without its query, for messages.</summary>
    public string Name => Uri.GetLeftPart(UriPartial.Path);

    /// <summary>The realm that a Bearer challenge names.</summary>
    /// <exception cref="RegistryProtocolException">The realm is missing, or not to be trusted with anything.</exception>
    public static TokenRealm FromChallenge(
        AuthenticationChallenge challenge, RegistryEndpoint endpoint, RegistryCall call, IReadOnlyList<string> trustedHosts)
    {
        if (!Uri.TryCreate(challenge["realm"], UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("https" or "http"))
            throw new RegistryProtocolException(call, "its challenge names no token server");
        if (uri.UserInfo.Length > 0)
            throw new RegistryProtocolException(call, "its challenge names a token server with a user name in the URL");

        // A registry without TLS on this machine may have its token server there too; anything else without TLS is refused.
        bool plainIsFine = endpoint.IsPlainLoopback && uri.IsLoopback;
        if (uri.Scheme == Uri.UriSchemeHttp && !plainIsFine)
            throw new RegistryProtocolException(call,
                $"its challenge names a token server without TLS, http://{uri.Authority}, which is not allowed");
        bool isNamed = trustedHosts.Contains(uri.IdnHost, StringComparer.OrdinalIgnoreCase)
            || trustedHosts.Contains(uri.Authority, StringComparer.OrdinalIgnoreCase);
        bool trusted = plainIsFine || isNamed || IsSameSite(endpoint.Origin.IdnHost, uri.IdnHost);
        return new TokenRealm(uri, challenge["service"] ?? "", Printable(challenge["scope"]), trusted, isNamed);
    }

    /// <summary>On whose behalf it is asked: the registry's, or its own where an option names it, so that it may be anywhere.</summary>
    public RegistryEndpoint AskedBy(RegistryEndpoint registry) =>
        _isNamed ? new RegistryEndpoint { Name = Uri.Authority, Origin = new Uri(Uri.GetLeftPart(UriPartial.Authority)) } : registry;

    /// <summary>
    /// Whether two hosts are one host or end in the same registered name. Without the public suffix list this takes the last two labels,
    /// or three
    /// below a country's usual second levels, such as co.uk.
    /// </summary>
    internal static bool IsSameSite(string left, string right)
    {
        if (string.Equals(left, right, StringComparison.OrdinalIgnoreCase))
            return true;
        bool named = Uri.CheckHostName(left) == UriHostNameType.Dns && Uri.CheckHostName(right) == UriHostNameType.Dns;
        return named && Site(left) is { } site && string.Equals(site, Site(right), StringComparison.OrdinalIgnoreCase);
    }

    private static string? Site(string host)
    {
        string[] labels = host.TrimEnd('.').Split('.');
        int count = labels.Length >= 2 && labels[^1].Length == 2 && SecondLevels.Contains(labels[^2]) ? 3 : 2;
        return labels.Length < count ? null : string.Join('.', labels[^count..]);
    }

    private static string? Printable(string? scope) =>
        scope is { Length: > 0 and <= 1024 } && scope.All(static c => c is >= ' ' and < (char)0x7F) ? scope : null;
}
