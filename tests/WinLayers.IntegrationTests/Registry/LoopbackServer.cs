using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>What a test's server was asked: the target is a path, or a whole URL where the server is asked as a proxy.</summary>
internal sealed record LoopbackRequest(string Method, string Target, string Head)
{
    public string? Header(string name) => Head.Split('\n')
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}

/// <summary>What a test's server answers.</summary>
internal sealed record LoopbackAnswer(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    public LoopbackAnswer(int status, params (string Name, string Value)[] headers)
        : this(status, [], headers)
    {
    }
}

/// <summary>
/// A server on this machine, with or without TLS, that answers requests without a body as the test says, one a connection, and remembers
/// them.
/// </summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? _certificate;
    private readonly Func<LoopbackRequest, Task<LoopbackAnswer>> _answer;

    public LoopbackServer(Func<LoopbackRequest, LoopbackAnswer> answer, TestAuthority? tls = null)
        : this(request => Task.FromResult(answer(request)), tls)
    {
    }

    public LoopbackServer(Func<LoopbackRequest, Task<LoopbackAnswer>> answer, TestAuthority? tls = null)
    {
        _answer = answer;
        _certificate = tls?.OpenServer();
        _listener.Start();
        _ = AcceptAsync();
    }

    public ConcurrentQueue<LoopbackRequest> Requests { get; } = new();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Host => $"127.0.0.1:{Port}";

    public bool WasGivenCredentials =>
        Requests.Any(static r => r.Header("Authorization")?.StartsWith("Basic ", StringComparison.Ordinal) == true);

    public void Dispose()
    {
        _listener.Dispose();
        _certificate?.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (_certificate is not null)
                {
                    var secure = new SslStream(stream);
                    await secure.AuthenticateAsServerAsync(_certificate);
                    stream = secure;
                }

                await using (stream)
                    await AnswerAsync(stream);
            }
            catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException)
            {
                // Greeted only, or in a language that this server does not speak.
            }
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var head = new StringBuilder();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            head.Append(line).Append('\n');
        string[] start = head.ToString().Split('\n')[0].Split(' ');
        if (start.Length != 3)
            return; // A greeting for TLS.
        var request = new LoopbackRequest(start[0], start[1], head.ToString());
        Requests.Enqueue(request);
        LoopbackAnswer answer = await _answer(request);
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {answer.Status} Test\r\nConnection: close\r\nContent-Length: {answer.Body.Length}\r\n");
        foreach ((string name, string value) in answer.Headers)
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text.Append("\r\n").ToString()));
        if (request.Method != "HEAD")
            await stream.WriteAsync(answer.Body);
        await stream.FlushAsync();
    }
}
