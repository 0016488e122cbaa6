using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>
/// The connections to registries, and to where they lead: redirects, token servers, the places of uploads. What a registry names
/// elsewhere may be public, or where the registry is itself; otherwise a registry could have this machine ask its own
/// services, or its network's, and tell what they answer.
/// </summary>
internal sealed class RegistryConnections : IDisposable
{
    private readonly RegistryOptions _options;
    private readonly SslClientAuthenticationOptions _tls;
    private readonly HttpClient _own;
    private readonly ConcurrentDictionary<Uri, Lazy<Elsewhere>> _elsewhere = new();
    private readonly ConcurrentDictionary<(string Host, int Port), AddressReach> _reached = new();

    public RegistryConnections(RegistryOptions options, SslClientAuthenticationOptions tls)
    {
        _options = options;
        _tls = tls;
        _own = Connections.ForRegistries(options, tls, ConnectAsync);
    }

    /// <summary>Sends a message on behalf of an endpoint, without following redirects; the answer's body is unread.</summary>
    /// <exception cref="AddressRefusedException">The URL is not the endpoint's, and leads where it may not lead.</exception>
    public async Task<HttpResponseMessage> SendAsync(RegistryEndpoint endpoint, HttpRequestMessage message,
        CancellationToken cancellationToken)
    {
        if (endpoint.Owns(message.RequestUri!))
            return await _own.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        Elsewhere elsewhere = _elsewhere.GetOrAdd(endpoint.Origin, origin => new Lazy<Elsewhere>(() => OpenElsewhere(origin))).Value;
        await elsewhere.Guard.RefuseUnseenAsync(message.RequestUri!, cancellationToken).ConfigureAwait(false);
        return await elsewhere.Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _own.Dispose();
        foreach (Lazy<Elsewhere> elsewhere in _elsewhere.Values)
            elsewhere.Value.Http.Dispose();
    }

    private Elsewhere OpenElsewhere(Uri origin)
    {
        var guard = new ConnectionGuard(_options, () => AddressReach.Public | ReachOf(origin), _options.HttpMessageHandler is not null);
        return new Elsewhere(Connections.ForRegistries(_options, _tls, guard.ConnectAsync), guard);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        DnsEndPoint endPoint = context.DnsEndPoint;
        IPAddress[] addresses = await Connections.ResolveAsync(_options, endPoint.Host, cancellationToken).ConfigureAwait(false);
        Stream stream = await Connections.DialAsync(_options, addresses, endPoint.Port, cancellationToken).ConfigureAwait(false);
        if (Connections.IsDirect(context))
        {
            // By all addresses of the name: which of them was connected to, its owner can choose.
            AddressReach reach = addresses.Aggregate(AddressReach.Any, static (all, address) => all & Addresses.ReachOf(address));
            _reached.AddOrUpdate((endPoint.Host, endPoint.Port), reach, (_, before) => before & reach);
        }

        return stream;
    }

    // Where a registry's name has led so far, each time.
    private AddressReach ReachOf(Uri origin) =>
        _options.HttpMessageHandler is null
            ? _reached.GetValueOrDefault((origin.IdnHost, origin.Port))
            : Connections.LiteralOf(origin.IdnHost) is { } literal ? Addresses.ReachOf(literal) : AddressReach.None;

    private sealed record Elsewhere(HttpClient Http, ConnectionGuard Guard);
}
