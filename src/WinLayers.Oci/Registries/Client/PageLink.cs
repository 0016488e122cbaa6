namespace WinLayers.Oci.Registries.Client;

/// <summary>The link to the next page of a list (RFC 8288).</summary>
internal static class PageLink
{
    /// <summary>The URL with <c>rel="next"</c>, or null. It must be the registry's own.</summary>
    public static Uri? Next(HttpResponseMessage response, Uri current, RegistryEndpoint endpoint, RegistryCall call)
    {
        if (!response.Headers.TryGetValues("Link", out IEnumerable<string>? headers))
            return null;
        foreach (string link in headers.SelectMany(static h => h.Split(',')))
        {
            int open = link.IndexOf('<', StringComparison.Ordinal), close = link.IndexOf('>', StringComparison.Ordinal);
            bool isNext = link.Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase)
                || link.Contains("rel=next", StringComparison.OrdinalIgnoreCase);
            if (!isNext || open < 0 || close < open)
                continue;
            if (!Uri.TryCreate(current, link[(open + 1)..close], out Uri? next) || !endpoint.Owns(next))
                throw new RegistryProtocolException(call, "its link to the next page leads elsewhere");
            return next;
        }

        return null;
    }
}
