using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>
/// Finds out whether a server on this machine speaks TLS: it is greeted, and the connection is closed before anything is sent.
/// </summary>
internal static class LoopbackProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public static async Task<bool> SpeaksTlsAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(Limit);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host.Trim('[', ']'), port, timer.Token).ConfigureAwait(false);
            var tls = new SslStream(client.GetStream());
            await using (tls.ConfigureAwait(false))
            {
                // Nothing is sent over this connection; the one that is used checks the certificate.
#pragma warning disable CA5359, MA0039 // accepting any certificate
                var options =
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = host,
                        RemoteCertificateValidationCallback = static (_, _, _, _) => true
                    };
#pragma warning restore CA5359, MA0039
                await tls.AuthenticateAsClientAsync(options, timer.Token).ConfigureAwait(false);
                return true;
            }
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
