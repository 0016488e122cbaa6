using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>A run that names two registries: what is meant for one must not reach the other.</summary>
public sealed class CommandTwoRegistriesTests : IDisposable
{
    private readonly CommandRun _command = new();

    public void Dispose() => _command.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("source")]
    [InlineData("target")]
    public async Task Copy_EnvironmentsCredentials_ReachTheirOwnerAlone(string? owner)
    {
        using var source = new Asking();
        using var target = new Asking();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WINLAYERS_REGISTRY_USER"] = "alice",
            ["WINLAYERS_REGISTRY_PASSWORD"] = "for-one-alone",
        };
        if (owner is not null)
            environment["WINLAYERS_REGISTRY_HOST"] = owner == "source" ? source.Host : target.Host;

        string sourceRun = (await _command.RunWithAsync(new(environment), "copy", $"docker://{source.Host}/a:1", $"docker://{target.Host}/b:1")).ShouldFail();
        string targetRun = (await _command.RunWithAsync(new(environment), "copy", "sample:", $"docker://{target.Host}/b:1")).ShouldFail();

        Assert.Contains("[WCL4001]", sourceRun, StringComparison.Ordinal);
        Assert.Contains("[WCL4001]", targetRun, StringComparison.Ordinal);
        Assert.Equal(owner == "source", source.WasGivenCredentials);
        Assert.Equal(owner != "source", target.WasGivenCredentials); // Alone in its run it is the owner where no other is named.
        if (owner is null)
            Assert.Contains($"$WINLAYERS_REGISTRY_USER: may be for {source.Host} or {target.Host}; $WINLAYERS_REGISTRY_HOST says", sourceRun, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlainHttp_WithTwoRegistries_IsRefusedBeforeAnybodyIsAsked()
    {
        using var source = new Asking();
        using var target = new Asking();

        CommandResult result = await _command.RunAsync("copy", $"docker://{source.Host}/a:1", $"docker://{target.Host}/b:1", "--plain-http");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--plain-http-host", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, source.Count + target.Count);
    }

    [Fact]
    public async Task PlainHttpHost_OfAnotherRegistry_LeavesTlsAlone()
    {
        // A name that is no loopback address leads through the proxy, which sees how it is spoken to.
        using var proxy = new Asking();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HTTP_PROXY"] = $"http://{proxy.Host}",
            ["http_proxy"] = $"http://{proxy.Host}",
            ["HTTPS_PROXY"] = $"http://{proxy.Host}",
            ["https_proxy"] = $"http://{proxy.Host}",
            ["NO_PROXY"] = "",
            ["no_proxy"] = "",
        };

        (await _command.RunWithAsync(new(environment), "copy", "docker://secure.invalid/a:1", "docker://plain.invalid:5000/b:1", "--plain-http-host", "plain.invalid:5000")).ShouldFail();
        Assert.All(proxy.Requests, static r => Assert.StartsWith("CONNECT secure.invalid:443", r, StringComparison.Ordinal));
        Assert.NotEmpty(proxy.Requests);
        proxy.Requests.Clear();
        (await _command.RunWithAsync(new(environment), "inspect", "docker://plain.invalid:5000/b:1", "--plain-http")).ShouldFail();
        Assert.All(proxy.Requests, static r => Assert.Contains(" http://plain.invalid:5000/v2/", r, StringComparison.Ordinal));
        Assert.NotEmpty(proxy.Requests);
    }

    [Fact]
    public async Task Mirror_ThatFails_IsSaidUnlessQuiet()
    {
        using var origin = new Asking();
        string[] arguments = ["inspect", $"docker://{origin.Host}/a:1", "--mirror", "http://127.0.0.1:1"];

        CommandResult told = await _command.RunAsync(arguments);
        CommandResult quiet = await _command.RunAsync([.. arguments, "--quiet"]);

        Assert.Equal(2, told.ErrorLines.Length);
        Assert.Contains("The mirror 127.0.0.1:1 did not help", told.ErrorLines[0], StringComparison.Ordinal);
        Assert.Single(quiet.ErrorLines);
    }

    /// <summary>A server that asks whoever comes for a password.</summary>
    private sealed class Asking : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Asking()
        {
            _listener.Start();
            _ = ServeAsync();
        }

        public ConcurrentQueue<string> Requests { get; } = new();

        public string Host => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public int Count => Requests.Count;

        public bool WasGivenCredentials => Requests.Any(static r => r.Contains("Authorization: Basic", StringComparison.OrdinalIgnoreCase));

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                    using var reader = new StreamReader(client.GetStream());
                    string request = "";
                    while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 } line)
                        request += line + "\n";
                    if (!char.IsAsciiLetterUpper(request.FirstOrDefault()))
                        continue; // A greeting for TLS.
                    Requests.Enqueue(request);
                    await client.GetStream().WriteAsync(
                        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(),
                        TestContext.Current.CancellationToken);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
            }
        }
    }
}
