namespace WinLayers.Oci.Registries;

/// <summary>One place that speaks for a registry: the registry itself or a mirror.</summary>
internal sealed record RegistryEndpoint
{
    /// <summary>How a person names it, and what credentials are looked up by: <c>docker.io</c>, <c>localhost:5000</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Scheme, host and port.</summary>
    public required Uri Origin { get; init; }

    /// <summary>What goes before a repository's name: empty, or <c>mcr/</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether it is a mirror.</summary>
    public bool IsMirror { get; init; }

    /// <summary>Whether it is this machine, spoken to without TLS.</summary>
    public bool IsPlainLoopback => Origin.Scheme == Uri.UriSchemeHttp && Origin.IsLoopback;

    /// <summary>The repository's name at this place.</summary>
    public string Repository(string repository) => Prefix + repository;

    /// <summary>The URL of something in a repository: <c>manifests/latest</c>. Both come from checked values.</summary>
    public Uri UriOf(string repository, string what) => new(Origin, $"/v2/{Repository(repository)}/{what}");

    /// <summary>Whether a URL has this place's scheme, host and port.</summary>
    public bool Owns(Uri uri) => SameOrigin(Origin, uri);

    /// <summary>Whether two URLs share scheme, host and port: what decides where credentials may go.</summary>
    public static bool SameOrigin(Uri left, Uri right) =>
        left.Scheme == right.Scheme && left.Port == right.Port
            && string.Equals(left.IdnHost, right.IdnHost, StringComparison.OrdinalIgnoreCase);
}
