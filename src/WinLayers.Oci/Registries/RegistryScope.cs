namespace WinLayers.Oci.Registries;

/// <summary>What a request needs leave for, as token servers write it.</summary>
internal static class RegistryScope
{
    internal static string Pull(string repository) => $"repository:{repository}:pull";

    internal static string PullPush(string repository) => $"repository:{repository}:pull,push";

    internal static string Delete(string repository) => $"repository:{repository}:delete";

    /// <summary>Whether <paramref name="scopes"/> hold every action of <paramref name="wanted"/>.</summary>
    internal static bool Covers(IEnumerable<string> scopes, string wanted)
    {
        int colon = wanted.LastIndexOf(':');
        if (colon < 0)
            return false;
        foreach (string scope in scopes)
        {
            int end = scope.LastIndexOf(':');
            if (end == colon && string.CompareOrdinal(scope, 0, wanted, 0, colon) == 0
                && !wanted[(colon + 1)..].Split(',').Except(scope[(end + 1)..].Split(','), StringComparer.Ordinal).Any())
            {
                return true;
            }
        }

        return false;
    }
}
