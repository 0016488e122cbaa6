using System.Text;
using WinLayers.IntegrationTests.Cli;
using WinLayers.Oci.Documents;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>The flags that let a run do what it must not do unasked: each does what it says, and nothing does without it.</summary>
public sealed class CommandFlagsTests : IDisposable
{
    private readonly CommandRun _command = new();
    private readonly TestAuthority _authority;

    public CommandFlagsTests()
    {
        Directory.CreateDirectory(_command["tls"]);
        _authority = new TestAuthority(_command["tls"]);
    }

    public void Dispose() => _command.Dispose();

    [Theory]
    [InlineData(false, "plain.invalid")] // Another port is another registry.
    [InlineData(true, "plain.invalid:5000")]
    [InlineData(true, "other.invalid,PLAIN.invalid:5000")]
    public async Task PlainHttpHost_IsThatRegistryAlone(bool isRead, string hosts)
    {
        // A name that is no loopback address leads through the proxy, which sees how it is spoken to.
        await using RealRegistry registry = await RealRegistry.StartAsync();
        (await _command.RunAsync("copy", "sample:", $"docker://{registry.Host}/win/sample:1")).ShouldSucceed();
        using var proxy = new LoopbackServer(request => ForwardAsync(registry, request));
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in new[] { "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy" })
            environment[name] = $"http://{proxy.Host}";
        environment["NO_PROXY"] = environment["no_proxy"] = "";
        string[] options = [.. hosts.Split(',').SelectMany(static host => new[] { "--plain-http-host", host })];

        CommandResult pulled =
            await _command.RunWithAsync(environment, ["pull", "docker://plain.invalid:5000/win/sample:1", "--quiet", .. options]);

        if (isRead)
        {
            pulled.ShouldSucceed();
            Assert.All(proxy.Requests,
                static request => Assert.StartsWith("http://plain.invalid:5000/v2/win/sample/", request.Target, StringComparison.Ordinal));
        }
        else
        {
            Assert.Contains("[WCL4006]", pulled.ShouldFail(), StringComparison.Ordinal);
            Assert.All(proxy.Requests, static request => Assert.Equal(("CONNECT", "plain.invalid:5000"), (request.Method, request.Target)));
        }

        Assert.NotEmpty(proxy.Requests);
    }

    [Theory]
    [InlineData("--plain-http-host")]
    [InlineData("--trust-token-host")]
    public async Task Host_ThatIsAnAddress_IsWrongUsage(string option) =>
        Assert.Contains($"{option}: 'http://a.invalid' is no HOST[:PORT]",
            (await _command.RunAsync("pull", "a.invalid/b:1", option, "http://a.invalid")).ShouldBeWrongUsage(), StringComparison.Ordinal);

    [Theory]
    [InlineData(null, false)]
    [InlineData("elsewhere.invalid", false)]
    [InlineData("localhost", true)]
    [InlineData("localhost:PORT", true)]
    [InlineData("localhost:1", false)]
    public async Task TrustTokenHost_LetsItsCredentialsGoThere(string? trusted, bool goes)
    {
        using var tokens = new LoopbackServer(static request => request.Header("Authorization") is null ? new LoopbackAnswer(401) : Json("""{"token":"for-alice"}"""), _authority);
        var image = new SmallImage(bytes: 1000);
        using var registry = new LoopbackServer(
            request => request.Header("Authorization") == "Bearer for-alice"
                ? Serve(image, request)
                : new LoopbackAnswer(401, ("WWW-Authenticate", $"Bearer realm=\"https://localhost:{tokens.Port}/token\",service=\"test\"")),
            _authority);
        var environment =
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["WINLAYERS_REGISTRY_USER"] = "alice",
                ["WINLAYERS_REGISTRY_PASSWORD"] = "for-tokens"
            };
        string[] options = trusted is null ? []
            : ["--trust-token-host", trusted.Replace("PORT", $"{tokens.Port}", StringComparison.Ordinal)];

        CommandResult pulled =
            await _command.RunWithAsync(environment,
            ["pull", $"docker://{registry.Host}/app:1", "--tls-ca", _authority.File, "--quiet", .. options]);

        Assert.NotEmpty(tokens.Requests);
        Assert.Equal(goes, tokens.WasGivenCredentials);
        Assert.False(registry.WasGivenCredentials);
        if (goes)
            Assert.Equal($"{image.Manifest.Digest}", Assert.Single(pulled.ShouldSucceed().OutputLines));
        else
            Assert.Contains("[WCL4001]", pulled.ShouldFail(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AllowHttpUrls_LetsARegistryRedirectToPlainHttp(bool isAllowed)
    {
        var image = new SmallImage(bytes: 1000);
        using var plain = new LoopbackServer(request => Serve(image, request));
        using var registry = new LoopbackServer(
            request => request.Target.Contains("/blobs/", StringComparison.Ordinal)
                ? new LoopbackAnswer(307, ("Location", $"http://{plain.Host}{request.Target}")) : Serve(image, request), _authority);

        CommandResult pulled =
            await _command.RunAsync(
            ["pull", $"docker://{registry.Host}/app:1", "--tls-ca", _authority.File, .. isAllowed ? new[] { "--allow-http-urls" } : []]);

        if (isAllowed)
        {
            pulled.ShouldSucceed();
            Assert.NotEmpty(plain.Requests);
            return;
        }

        Assert.Equal(1, pulled.ExitCode);
        Assert.Contains($"it redirects from https to http at {plain.Host}, which is not allowed [WCL4005]", pulled.ErrorLines[^1],
            StringComparison.Ordinal);
        Assert.Empty(plain.Requests);
    }

    [Theory]
    [InlineData("http", null, "http is not allowed")]
    [InlineData("http", "--allow-private-urls", "http is not allowed")]
    [InlineData("http", "--allow-http-urls", "leads to no public address")]
    [InlineData("http", "--allow-http-urls --allow-private-urls", null)]
    [InlineData("https", null, "leads to no public address")]
    [InlineData("https", "--allow-http-urls", "leads to no public address")]
    [InlineData("https", "--allow-private-urls", null)]
    public async Task AllowPrivateUrlsAndHttpUrls_LetAForeignLayerComeFromThere(string scheme, string? flags, string? refusal)
    {
        byte[] layer = [];
        using var store = new LoopbackServer(_ => new LoopbackAnswer(200, layer), scheme == "https" ? _authority : null);
        var image = new SmallImage(bytes: 1000, mediaType: MediaTypes.OciForeignLayer + "+gzip", url: $"{scheme}://{store.Host}/layer");
        layer = image.LayerBytes;
        using var registry = new LoopbackServer(
            request => request.Target.EndsWith($"{image.Layer.Digest}", StringComparison.Ordinal) ? new LoopbackAnswer(404)
                : Serve(image, request), _authority);

        CommandResult pulled =
            await _command.RunAsync(["pull", $"docker://{registry.Host}/app:1", "--tls-ca", _authority.File, .. flags?.Split(' ') ?? []]);

        if (refusal is null)
        {
            pulled.ShouldSucceed();
            Assert.Equal(layer,
                await File.ReadAllBytesAsync(Path.Combine(_command.Store, "blobs", "sha256", image.Layer.Digest.Hex),
                TestContext.Current.CancellationToken));
            Assert.Null(Assert.Single(store.Requests).Header("Authorization"));
            return;
        }

        Assert.Equal(1, pulled.ExitCode);
        Assert.Contains(refusal, pulled.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Contains("[WCL4008]", pulled.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Empty(store.Requests);
    }

    private static LoopbackAnswer Json(string text) => new(200, Encoding.UTF8.GetBytes(text), ("Content-Type", "application/json"));

    // As a registry with one image under every name.
    private static LoopbackAnswer Serve(SmallImage image, LoopbackRequest request)
    {
        if (request.Target.Contains("/manifests/", StringComparison.Ordinal))
            return new LoopbackAnswer(200, image.Manifest.Bytes.ToArray(), ("Content-Type", image.Manifest.MediaType),
                ("Docker-Content-Digest", $"{image.Manifest.Digest}"));
        return request.Target.EndsWith($"{image.Config.Digest}", StringComparison.Ordinal) ? new LoopbackAnswer(200, image.ConfigBytes)
            : request.Target.EndsWith($"{image.Layer.Digest}", StringComparison.Ordinal) ? new LoopbackAnswer(200, image.LayerBytes)
            : new LoopbackAnswer(404);
    }

    // As a proxy for whoever asks it without TLS.
    private static async Task<LoopbackAnswer> ForwardAsync(RealRegistry registry, LoopbackRequest request)
    {
        if (request.Method is not ("GET" or "HEAD"))
            return new LoopbackAnswer(502);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var message =
            new HttpRequestMessage(new HttpMethod(request.Method), $"http://{registry.Host}{new Uri(request.Target).PathAndQuery}");
        message.Headers.TryAddWithoutValidation("Accept", request.Header("Accept"));
        using HttpResponseMessage response = await client.SendAsync(message);
        return new LoopbackAnswer(
            (int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(),
            [.. response.Content.Headers.Concat(response.Headers).Where(h => h.Key is "Content-Type" or "Docker-Content-Digest")
                .Select(h => (h.Key, string.Join(", ", h.Value)))]);
    }
}
