namespace WinLayers.Oci.Registries;

/// <summary>The names that one registry goes by. Docker Hub has four, all of them in use.</summary>
internal static class RegistryNames
{
    internal const string DockerHub = "docker.io";

    // What docker login files its credentials under, and what helpers are asked for.
    internal const string DockerHubKey = "https://index.docker.io/v1/";

    private const string DockerHubHost = "registry-1.docker.io";

    /// <summary>The name as references have it: lower-case, Docker Hub as docker.io.</summary>
    internal static string Canonical(string host)
    {
        string name = host.Trim().ToLowerInvariant();
        return name is "index.docker.io" or DockerHubHost ? DockerHub : name;
    }

    /// <summary>The host to connect to.</summary>
    internal static string ConnectionHost(string name) => name == DockerHub ? DockerHubHost : name;
}
