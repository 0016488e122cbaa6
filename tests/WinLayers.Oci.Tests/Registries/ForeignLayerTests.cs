using System.Net;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class ForeignLayerTests
{
    private const string Repository = "windows/servercore";
    private static readonly byte[] Bytes = RegistryTesting.RandomBytes(20_000);
    private static readonly RegistryOptions Local = RegistryTesting.Quick with { AllowHttpUrls = true, AllowPrivateUrls = true };

    [Theory]
    [InlineData(MediaTypes.DockerForeignLayerGZip)]
    [InlineData(MediaTypes.OciForeignLayer + "+zstd")]
    public async Task ForeignLayer_NotInTheRegistry_ComesFromItsUrl(string mediaType)
    {
        await using var registry = new TestRegistry();
        await using var elsewhere = new TestServer(_ => new TestAnswer(200) { Body = Bytes });
        using var client = new RegistryClient(Local);
        Assert.Equal(Bytes, await ReadAsync(client, registry, mediaType, elsewhere.Url + "/layer"));
        Assert.Equal(1, registry.Server.Count("GET", "/blobs/"));
    }

    [Fact]
    public async Task ForeignLayer_InTheRegistry_ComesFromThere()
    {
        await using var registry = new TestRegistry();
        await using var elsewhere = new TestServer(_ => new TestAnswer(200) { Body = Bytes });
        registry.AddBlob(Repository, Bytes);
        using var client = new RegistryClient(Local);
        Assert.Equal(Bytes, await ReadAsync(client, registry, MediaTypes.DockerForeignLayerGZip, elsewhere.Url + "/layer"));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task OrdinaryLayer_WithUrls_IsNeverFetchedFromThem()
    {
        await using var registry = new TestRegistry();
        await using var elsewhere = new TestServer(_ => new TestAnswer(200) { Body = Bytes });
        using var client = new RegistryClient(Local);
        await Assert.ThrowsAsync<RegistryNotFoundException>(
            () => ReadAsync(client, registry, MediaTypes.DockerLayerGZip, elsewhere.Url + "/layer"));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task ForeignLayer_CutDownload_Resumes()
    {
        await using var registry = new TestRegistry();
        int cuts = 1;
        await using var elsewhere = new TestServer(request => cuts-- > 0
            ? new TestAnswer(200) { Body = Bytes, CutAfter = 7000 }
            : new TestAnswer(206) { Body = Bytes[int.Parse(request.Header("Range")![6..^1])..] }.With("Content-Range",
                $"bytes 7000-{Bytes.Length - 1}/{Bytes.Length}"));
        using var client = new RegistryClient(Local);
        Assert.Equal(Bytes, await ReadAsync(client, registry, MediaTypes.DockerForeignLayerGZip, elsewhere.Url + "/layer"));
    }

    [Theory]
    [InlineData("Basic realm=\"give\"")]
    [InlineData("Bearer realm=\"https://evil.example.net/token\"")]
    public async Task ForeignLayer_Challenge_IsNeverAnswered(string challenge)
    {
        // The registry demands and gets credentials; the place of the layer then demands them too.
        await using var registry = new TestRegistry
        {
            Misbehave = r =>
                r.Header("Authorization") is null ? new TestAnswer(401).With("WWW-Authenticate", "Basic realm=\"registry\"") : null,
        };
        await using var elsewhere = new TestServer(_ => new TestAnswer(401).With("WWW-Authenticate", challenge));
        using var client = new RegistryClient(Local with
        {
            Credentials = (_, _) =>
                ValueTask.FromResult<RegistryCredential?>(RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password)),
        });
        ForeignLayerException e = await Assert.ThrowsAsync<ForeignLayerException>(
            () => ReadAsync(client, registry, MediaTypes.DockerForeignLayerGZip, elsewhere.Url + "/layer?sig=s3cr3t"));
        Assert.Contains("401", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", e.ToString(), StringComparison.Ordinal);
        TestRequest request = Assert.Single(elsewhere.Requests);
        Assert.DoesNotContain("authorization", request.Everything, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("cookie", request.Everything, StringComparison.OrdinalIgnoreCase);
        Assert.IsType<RegistryNotFoundException>(e.InnerException);
    }

    [Fact]
    public async Task ForeignLayer_MoreThanFiveUrls_TriesFive()
    {
        await using var registry = new TestRegistry();
        await using var elsewhere = new TestServer(_ => new TestAnswer(404));
        using var client = new RegistryClient(Local);
        string[] urls = [.. Enumerable.Range(0, 9).Select(i => $"{elsewhere.Url}/{i}")];
        await Assert.ThrowsAsync<ForeignLayerException>(() => ReadAsync(client, registry, MediaTypes.DockerForeignLayerGZip, urls));
        Assert.Equal(5, elsewhere.Requests.Count);
    }

    [Theory]
    [InlineData("http://example.com/layer", "http is not allowed")]
    [InlineData("file:///etc/passwd", "not an http or https URL")]
    [InlineData("/etc/passwd", "not an http or https URL")]
    [InlineData("https://user:pw@example.com/layer", "holds a user name")]
    public async Task ForeignLayer_UrlThatMayNotBeUsed_IsNamed(string url, string problem)
    {
        await using var registry = new TestRegistry();
        using var client = new RegistryClient(RegistryTesting.Quick);
        ForeignLayerException e =
            await Assert.ThrowsAsync<ForeignLayerException>(() => ReadAsync(client, registry, MediaTypes.DockerForeignLayerGZip, url));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pw", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("localhost")]
    [InlineData("metadata.example.com")]
    public async Task ForeignLayer_AddressInsideThisNetwork_IsNotConnectedTo(string host)
    {
        await using var registry = new TestRegistry();
        await using var inside = new TestServer(_ => new TestAnswer(200) { Body = Bytes });
        using var client = new RegistryClient(RegistryTesting.Quick with
        {
            AllowHttpUrls = true,
            ResolveHost = (name, _) =>
                Task.FromResult<IPAddress[]>(
                name == "metadata.example.com" ? [IPAddress.Parse("169.254.169.254"), IPAddress.Loopback]
                : [IPAddress.Loopback, IPAddress.IPv6Loopback]),
        });
        ForeignLayerException e = await Assert.ThrowsAsync<ForeignLayerException>(
            () => ReadAsync(client, registry, MediaTypes.DockerForeignLayerGZip, $"http://{host}:{inside.Port}/layer"));
        Assert.Contains("leads to no public address", e.Message, StringComparison.Ordinal);
        Assert.Empty(inside.Requests);
    }

    [Fact]
    public async Task ForeignLayer_RedirectFollowed_EachHopIsConnectedThroughTheGuard()
    {
        await using var registry = new TestRegistry();
        var resolved = new List<string>();
        await using var second = new TestServer(_ => new TestAnswer(200) { Body = Bytes });
        await using var first = new TestServer(_ => TestAnswer.Redirect($"http://second.example.com:{second.Port}/layer"));
        using var client = new RegistryClient(Local with
        {
            ResolveHost = (name, _) =>
            {
                resolved.Add(name);
                return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
            },
        });
        Assert.Equal(Bytes,
            await ReadAsync(client, registry, MediaTypes.DockerForeignLayerGZip, $"http://first.example.com:{first.Port}/layer"));
        Assert.Equal(["first.example.com", "second.example.com"], resolved);
    }

    private static async Task<byte[]> ReadAsync(RegistryClient client, TestRegistry registry, string mediaType, params string[] urls)
    {
        Descriptor blob = RegistryTesting.DescriptorOf(Bytes, mediaType, urls);
        return await RegistryTesting.ReadToEndAsync(
            await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token));
    }
}
