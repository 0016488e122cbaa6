using System.Net;
using System.Net.Sockets;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>A URL that somebody else has chosen leads to an address that it must not lead to.</summary>
internal sealed class AddressRefusedException(string host, AddressReach allowed)
    : IOException($"'{host}' leads to {(allowed == AddressReach.Public ? "no public address" : "an address elsewhere than its own")} "
        + "(loopback, link-local and private ones are not allowed)")
{
    public string Host { get; } = host;
}

/// <summary>
/// Connects to URLs that a registry or an image has chosen. The address that is checked is the one that is connected to, so a name
/// cannot change its mind in between; and as every connection is made here, so is every hop's.
/// </summary>
/// <param name="options">How hosts are resolved, and whether anything is allowed.</param>
/// <param name="allowed">Where such a URL may lead, asked at each connection.</param>
/// <param name="isInjected">Whether a handler of the program connects, not this.</param>
internal sealed class ConnectionGuard(RegistryOptions options, Func<AddressReach> allowed, bool isInjected = false)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // What is not to the URL's own host is to the proxy that this machine's owner has set; the proxy resolves the name.
        // RefuseUnseenAsync has looked at the name as far as it is known here.
        DnsEndPoint endPoint = context.DnsEndPoint;
        IPAddress[] addresses = await ResolveAsync(endPoint.Host, Connections.IsDirect(context), cancellationToken).ConfigureAwait(false);
        return await Connections.DialAsync(options, addresses, endPoint.Port, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// For a URL to which no connection is made here: refuses it where its host, as this machine resolves it, is not allowed.
    /// </summary>
    public async Task RefuseUnseenAsync(Uri uri, CancellationToken cancellationToken)
    {
        // Whoever injects a handler has a network of their own; what needs no resolving is refused all the same.
        if (isInjected ? Connections.LiteralOf(uri.IdnHost) is null : HttpClient.DefaultProxy.IsBypassed(uri))
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
        IPAddress[] addresses = await Connections.ResolveAsync(options, host, cancellationToken).ConfigureAwait(false);
        if (!isChecked || options.AllowPrivateUrls)
            return addresses;
        AddressReach mayReach = allowed();
        IPAddress[] fine = Array.FindAll(addresses, address => mayReach.HasFlag(Addresses.ReachOf(address)));
        return fine.Length > 0 ? fine : throw new AddressRefusedException(host, mayReach);
    }
}
