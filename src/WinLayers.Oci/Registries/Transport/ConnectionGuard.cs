using System.Net;
using System.Net.Sockets;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>A layer's URL, or where it redirects to, leads to an address that it must not lead to.</summary>
internal sealed class AddressRefusedException(string host, string reason) : IOException($"'{host}' {reason}")
{
    public string Host { get; } = host;
}

/// <summary>
/// Connects to a layer's URLs. The address that is checked is the one that is connected to, so a name cannot change its mind in between;
/// and as
/// every connection is made here, so is every hop's.
/// </summary>
internal sealed class ConnectionGuard(RegistryOptions options)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        DnsEndPoint endPoint = context.DnsEndPoint;
        Uri? target = context.InitialRequestMessage.RequestUri;

        // Where the connection is not to the URL's own host, it is to the proxy that this machine's owner has set; the proxy
        // resolves the name. RefuseAsync has looked at the name as far as it is known here.
        bool isDirect = target is not null && target.Port == endPoint.Port
            && string.Equals(target.IdnHost.Trim('[', ']'), endPoint.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);
        IPAddress[] addresses = await ResolveAsync(endPoint.Host, isDirect, cancellationToken).ConfigureAwait(false);
        Socket? socket = null;
        try
        {
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(addresses, endPoint.Port, cancellationToken).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            socket = null;
            return stream;
        }
        finally
        {
            socket?.Dispose();
        }
    }

    /// <summary>For a URL that a proxy will fetch: refuses it where its host, as this machine resolves it, is not public.</summary>
    public async Task RefuseBehindProxyAsync(Uri uri, CancellationToken cancellationToken)
    {
        if (options.AllowPrivateUrls || HttpClient.DefaultProxy.IsBypassed(uri))
            return;
        try
        {
            await ResolveAsync(uri.IdnHost, isChecked: true, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // A machine behind a proxy often resolves no outside names; then the proxy's own rules are what there is.
        }
    }

    private async Task<IPAddress[]> ResolveAsync(string host, bool isChecked, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? literal)
            ? [literal]
            : await options.ResolveHost(host, cancellationToken).ConfigureAwait(false);
        if (!isChecked || options.AllowPrivateUrls)
            return addresses;
        IPAddress[] allowed = Array.FindAll(addresses, PublicAddresses.IsPublic);
        return allowed.Length > 0
            ? allowed
            : throw new AddressRefusedException(host, "leads to no public address (loopback, link-local and private ones are not allowed)");
    }
}
