namespace WinLayers.Oci.Registries;

/// <summary>A place that has the same content as a registry and is asked first.</summary>
/// <param name="Registry">The registry it stands in for, <c>mcr.microsoft.com</c>; <c>*</c> for every one.</param>
/// <param name="Endpoint">
/// Where it is: <c>https://mirror.example.com</c>, or with a path that goes before the repository's name,
/// <c>https://harbor.example.com/mcr</c>. With <c>http</c> it is spoken to without TLS.
/// </param>
public sealed record RegistryMirror(string Registry, Uri Endpoint)
{
    /// <summary>
    /// Reads <c>registry=endpoint</c>; an endpoint without a scheme is https. Without <c>registry=</c> it stands in for every registry.
    /// </summary>
    /// <exception cref="RegistryUsageException">It is neither.</exception>
    public static RegistryMirror Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string registry = equals < 0 ? "*" : RegistryNames.Canonical(text[..equals]);
        string place = text[(equals + 1)..].Trim();
        if (!place.Contains("://", StringComparison.Ordinal))
            place = "https://" + place;
        bool usable = registry.Length > 0
            && Uri.TryCreate(place, UriKind.Absolute, out Uri? endpoint)
            && endpoint.Scheme is "https" or "http"
            && endpoint.UserInfo.Length == 0 && endpoint.Query.Length == 0 && endpoint.Fragment.Length == 0;
        return usable
            ? new RegistryMirror(registry, new Uri(place))
            : throw new RegistryUsageException(
                "A mirror is written registry=host[:port][/path], with http:// before the host for one without TLS.");
    }

    internal bool StandsInFor(string registry) =>
        Registry == "*" || RegistryNames.Canonical(Registry) == RegistryNames.Canonical(registry);
}
