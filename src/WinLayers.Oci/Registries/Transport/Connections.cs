using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Connects to where a client leads.</summary>
internal delegate ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellationToken);

/// <summary>Makes the HTTP clients. None follows redirects, keeps cookies, answers challenges, or decompresses on its own.</summary>
internal static class Connections
{
    private static readonly string UserAgent = $"winlayers/{Version}";

    private static string Version =>
        typeof(Connections).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>For registries and their token servers.</summary>
    public static HttpClient ForRegistries(RegistryOptions options, SslClientAuthenticationOptions tls, Connect connect) =>
        options.HttpMessageHandler is { } injected
            ? Client(injected, ownsHandler: false)
            : Client(Sockets(options, tls, connect), ownsHandler: true);

    /// <summary>For a layer's <c>urls</c>: a client that has never seen a credential.</summary>
    public static HttpClient ForForeignUrls(RegistryOptions options, SslClientAuthenticationOptions tls, Connect connect) =>
        Client(Sockets(options, tls, connect), ownsHandler: true);

    /// <summary>Whether a connection is to the URL's own host, not to a proxy.</summary>
    public static bool IsDirect(SocketsHttpConnectionContext context) =>
        context.InitialRequestMessage.RequestUri is { } target && target.Port == context.DnsEndPoint.Port
            && string.Equals(target.IdnHost.Trim('[', ']'), context.DnsEndPoint.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);

    /// <summary>A host's addresses; itself where it is one.</summary>
    public static async ValueTask<IPAddress[]> ResolveAsync(RegistryOptions options, string host, CancellationToken cancellationToken) =>
        LiteralOf(host) is { } literal ? [literal] : await options.ResolveHost(host, cancellationToken).ConfigureAwait(false);

    /// <summary>The address that a host is; null for a name.</summary>
    public static IPAddress? LiteralOf(string host) => IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? literal) ? literal : null;

    /// <summary>Connects to the first of a host's addresses that answers.</summary>
    public static async ValueTask<Stream> DialAsync(RegistryOptions options, IPAddress[] addresses, int port,
        CancellationToken cancellationToken)
    {
        if (options.Dial is { } dial)
            return await dial(addresses, port, cancellationToken).ConfigureAwait(false);
        Socket? socket = null;
        try
        {
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(addresses, port, cancellationToken).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            socket = null;
            return stream;
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private static SocketsHttpHandler Sockets(RegistryOptions options, SslClientAuthenticationOptions tls, Connect connect) => new()
    {
        ConnectCallback = (context, cancellationToken) => connect(context, cancellationToken),
        AllowAutoRedirect = false,
        UseCookies = false,
        Credentials = null,
        PreAuthenticate = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 64,
        SslOptions = tls,
    };

    private static HttpClient Client(HttpMessageHandler handler, bool ownsHandler)
    {
        var client = new HttpClient(handler, ownsHandler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", UserAgent);
        return client;
    }
}
