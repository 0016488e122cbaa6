using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Says who speaks for a registry, mirrors first, and passes over mirrors that were found dead.</summary>
internal sealed partial class EndpointResolver(RegistryOptions options, ILogger logger)
{
    private readonly ConcurrentDictionary<string, Uri> _origins = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Uri, Uri> _mirrorOrigins = new();
    private readonly ConcurrentDictionary<Uri, byte> _dead = new();
    private readonly ConcurrentDictionary<Uri, byte> _failed = new();

    /// <summary>The registry itself: where writes go.</summary>
    public async Task<RegistryEndpoint> OriginAsync(string registry, CancellationToken cancellationToken)
    {
        if (!_origins.TryGetValue(registry, out Uri? origin))
        {
            var secure = new Uri($"https://{RegistryNames.ConnectionHost(registry)}");
            bool isPlain = options.PlainHttpHosts.Any(host => RegistryNames.Canonical(host) == registry)
                || (secure.IsLoopback && await IsPlainAsync(registry, cancellationToken).ConfigureAwait(false));
            origin = isPlain ? new Uri($"http://{RegistryNames.ConnectionHost(registry)}") : secure;
            _origins[registry] = origin;
        }

        return new RegistryEndpoint { Name = registry, Origin = origin };
    }

    /// <summary>Asks each mirror and then the registry, until one answers.</summary>
    public async Task<T> ReadAsync<T>(string registry, Func<RegistryEndpoint, Task<T>> ask, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (RegistryMirror mirror in options.Mirrors)
        {
            if (!mirror.StandsInFor(registry) || _dead.ContainsKey(mirror.Endpoint))
                continue;
            try
            {
                return await ask(await ToEndpointAsync(mirror, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (RegistryException e)
            {
                // Once is worth a person's attention; then it is the same for every blob.
                LogLevel level = _failed.TryAdd(mirror.Endpoint, 0) ? LogLevel.Warning : LogLevel.Information;
                LogMirrorFailed(logger, level, mirror.Endpoint.Authority, registry, e.Message);
                failures.Add(e.Message);
                if (e is RegistryUnreachableException)
                    _dead.TryAdd(mirror.Endpoint, 0);
            }
        }

        try
        {
            RegistryEndpoint origin = await OriginAsync(registry, cancellationToken).ConfigureAwait(false);
            return await ask(origin).ConfigureAwait(false);
        }
        catch (RegistryException e) when (failures.Count > 0)
        {
            e.MirrorFailures = failures;
            throw;
        }
    }

    private async Task<bool> IsPlainAsync(string registry, CancellationToken cancellationToken)
    {
        // An injected handler has no server to probe.
        var plain = new Uri($"http://{registry}");
        return options.HttpMessageHandler is not null
            || !await LoopbackProbe.SpeaksTlsAsync(plain.IdnHost, plain.Port, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RegistryEndpoint> ToEndpointAsync(RegistryMirror mirror, CancellationToken cancellationToken)
    {
        if (!_mirrorOrigins.TryGetValue(mirror.Endpoint, out Uri? origin))
        {
            // Like a registry on this machine: spoken to as it answers.
            Uri endpoint = mirror.Endpoint;
            bool isPlain = endpoint is { IsLoopback: true, Scheme: "https" } && options.HttpMessageHandler is null
                && await IsPlainAsync(endpoint.Authority, cancellationToken).ConfigureAwait(false);
            origin = new Uri(isPlain ? $"http://{endpoint.Authority}" : endpoint.GetLeftPart(UriPartial.Authority));
            _mirrorOrigins[mirror.Endpoint] = origin;
        }

        return new RegistryEndpoint
        {
            Name = RegistryNames.Canonical(mirror.Endpoint.Authority),
            Origin = origin,
            Prefix = mirror.Endpoint.AbsolutePath.Trim('/') is { Length: > 0 } path ? path + "/" : "",
            IsMirror = true,
        };
    }

    [LoggerMessage(Message = "The mirror {Mirror} did not help, {Registry} itself or the next mirror is asked: {Problem}")]
    private static partial void LogMirrorFailed(ILogger logger, LogLevel level, string mirror, string registry, string problem);
}
