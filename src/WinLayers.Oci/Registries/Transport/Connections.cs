using System.Net;
using System.Net.Security;
using System.Reflection;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Makes the HTTP clients. None follows redirects, keeps cookies, answers challenges, or decompresses on its own.</summary>
internal static class Connections
{
    private static readonly string UserAgent =
        $"winlayers/{typeof(Connections).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0"}";

    /// <summary>For registries and their token servers.</summary>
    public static HttpClient ForRegistries(RegistryOptions options, SslClientAuthenticationOptions tls) =>
        options.HttpMessageHandler is { } injected
            ? Client(injected, ownsHandler: false)
            : Client(Sockets(options, tls), ownsHandler: true);

    /// <summary>For a layer's <c>urls</c>: a client that has never seen a credential and whose every connection is checked.</summary>
    public static HttpClient ForForeignUrls(RegistryOptions options, SslClientAuthenticationOptions tls)
    {
        SocketsHttpHandler handler = Sockets(options, tls);
        var guard = new ConnectionGuard(options);
        handler.ConnectCallback = guard.ConnectAsync;
        return Client(handler, ownsHandler: true);
    }

    private static SocketsHttpHandler Sockets(RegistryOptions options, SslClientAuthenticationOptions tls) => new()
    {
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
