using System.Net;
using System.Net.Sockets;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

/// <summary>
/// A registry that leads inside: by a redirect, a token server, the place of an upload or the second address of a name. Names are
/// resolved and connected to by the tests, so that no packet leaves this machine.
/// </summary>
public sealed class LeadingInsideTests : IAsyncDisposable
{
    private const string Metadata = "169.254.169.254";
    private static readonly byte[] Bytes = RegistryTesting.RandomBytes(2000);

    private readonly Dictionary<string, string[]> _names = new(StringComparer.Ordinal)
    {
        ["public.example"] = ["8.8.8.8"],
        ["mixed.example"] = ["8.8.8.8", "10.0.0.5"],
        ["company.example"] = ["10.0.0.5"],
        ["storage.example"] = ["10.9.9.9"],
        ["cdn.example"] = ["9.9.9.9"],
        ["local.example"] = ["127.0.0.1"],
        ["metadata.example"] = [Metadata],
        ["both.example"] = [Metadata, "9.9.9.9"],
    };

    private readonly List<(IPAddress Address, int Port)> _dialled = [];
    private readonly TestServer _server;
    private Func<TestRequest, TestAnswer> _answer = _ => new TestAnswer(404);

    public LeadingInsideTests() => _server = new TestServer(request => _answer(request));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("public.example", "127.0.0.1")]
    [InlineData("public.example", "[::1]")]
    [InlineData("public.example", "0.0.0.0")]
    [InlineData("public.example", Metadata)]
    [InlineData("public.example", "[fd00:ec2::254]")]
    [InlineData("public.example", "10.0.0.7")]
    [InlineData("public.example", "storage.example")]
    [InlineData("public.example", "local.example")]
    [InlineData("public.example", "metadata.example")]
    [InlineData("mixed.example", "10.0.0.7")]
    [InlineData("company.example", "127.0.0.1")]
    [InlineData("company.example", Metadata)]
    [InlineData("local.example", Metadata)]
    [InlineData("local.example", "10.0.0.7")]
    public async Task Redirect_ToWhereTheRegistryIsNot_IsNotFollowed(string registry, string target)
    {
        Redirect(registry, target);
        using var client = new RegistryClient(Options(registry));
        RegistryUnreachableException e = await Assert.ThrowsAsync<RegistryUnreachableException>(() => ReadAsync(client, registry));
        Assert.Equal(ConnectionFailure.AddressRefused, e.Failure);
        Assert.DoesNotContain(_server.Requests, r => r.Path == "/inside");
        Assert.All(_dialled, d => Assert.Contains(d.Address.ToString(), _names[registry]));
    }

    [Theory]
    [InlineData("public.example", "cdn.example")]
    [InlineData("public.example", "both.example")]
    [InlineData("company.example", "storage.example")]
    [InlineData("company.example", "cdn.example")]
    [InlineData("local.example", "127.0.0.2")]
    public async Task Redirect_ToPublicOrWhereTheRegistryIs_IsFollowed(string registry, string target)
    {
        Redirect(registry, target);
        using var client = new RegistryClient(Options(registry));
        Assert.Equal(Bytes, await ReadAsync(client, registry));
        Assert.DoesNotContain(_dialled, d => d.Address.ToString() == Metadata);
    }

    [Fact]
    public async Task Redirect_Inside_WhereAllowed_IsFollowed()
    {
        Redirect("public.example", "10.0.0.7");
        using var client = new RegistryClient(Options("public.example") with { AllowPrivateUrls = true });
        Assert.Equal(Bytes, await ReadAsync(client, "public.example"));
    }

    /// <summary>A connection that one registry may use does not serve another that may not.</summary>
    [Fact]
    public async Task Redirect_ToAConnectionOfAnotherRegistry_IsNotFollowed()
    {
        Redirect("company.example", "storage.example");
        using var client =
            new RegistryClient(Options("company.example") with { PlainHttpHosts = Plain("company.example", "public.example") });
        Assert.Equal(Bytes, await ReadAsync(client, "company.example"));
        Redirect("public.example", "storage.example");
        await Assert.ThrowsAsync<RegistryUnreachableException>(() => ReadAsync(client, "public.example"));
        Redirect("public.example", "company.example");
        await Assert.ThrowsAsync<RegistryUnreachableException>(() => ReadAsync(client, "public.example"));
    }

    /// <summary>A name that turned from a public address to one inside gives its registry no rights there.</summary>
    [Fact]
    public async Task Redirect_OfANameThatTurnsInside_IsNotFollowed()
    {
        Redirect("public.example", "10.0.0.7");
        using var client = new RegistryClient(Options("public.example") with { AllowPrivateUrls = false });
        await Assert.ThrowsAsync<RegistryUnreachableException>(() => ReadAsync(client, "public.example"));
        _names["public.example"] = ["10.0.0.7"];
        await Assert.ThrowsAsync<RegistryUnreachableException>(() => ReadAsync(client, "public.example"));
        Assert.DoesNotContain(_server.Requests, r => r.Path == "/inside");
    }

    [Fact]
    public async Task TokenServer_Inside_IsNotAsked()
    {
        using var handler = new ScriptedHandler((uri, _) => uri.Host == "registry.example.com"
            ? ScriptedHandler.Challenge($"Bearer realm=\"https://{Metadata}/token\",service=\"x\"")
            : ScriptedHandler.Reply(200, """{"token":"of-the-inside"}"""));
        using var client =
            new RegistryClient(AuthenticationTests.Options(handler, RegistryCredential.FromPassword("alice", "correct-horse")));
        RegistryUnreachableException e = await Assert.ThrowsAsync<RegistryUnreachableException>(
            () => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Equal(ConnectionFailure.AddressRefused, e.Failure);
        Assert.DoesNotContain(handler.Sent, s => s.Uri.Host == Metadata);
    }

    [Fact]
    public async Task Upload_PlaceInside_GetsNothing()
    {
        _answer = request => request.Path.Contains("/uploads", StringComparison.Ordinal)
            ? new TestAnswer(202).With("Location", $"http://10.0.0.7:{_server.Port}/inside") : new TestAnswer(404);
        using var client = new RegistryClient(Options("public.example"));
        await Assert.ThrowsAsync<RegistryUnreachableException>(() => client.PutBlobAsync(
            Image("public.example"), RegistryTesting.DescriptorOf(Bytes), new MemoryStream(Bytes), RegistryTesting.Token));
        Assert.DoesNotContain(_server.Requests, r => r.Path.Contains("/inside", StringComparison.Ordinal));
    }

    /// <summary>What a place says where a registry has led is not shown: it may be what only this machine may read.</summary>
    [Fact]
    public async Task Redirect_ForeignError_IsNotShown()
    {
        using var handler = new ScriptedHandler((uri, _) => uri.Host == "registry.example.com"
            ? ScriptedHandler.Redirect("https://other.example.net/x")
            : ScriptedHandler.Reply(403, """{"errors":[{"code":"DENIED","message":"words of somebody else"}]}"""));
        using var client =
            new RegistryClient(AuthenticationTests.Options(handler, RegistryCredential.FromPassword("alice", "correct-horse")));
        RegistryDeniedException e = await Assert.ThrowsAsync<RegistryDeniedException>(
            () => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Contains("other.example.net, where it redirects to, answers 403", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("somebody else", e.Message, StringComparison.Ordinal);
    }

    private void Redirect(string registry, string target) => _answer = request => request switch
    {
        { Path: "/inside" } => new TestAnswer(200) { Body = Bytes },
        _ when request.Header("Host")!.StartsWith(registry, StringComparison.Ordinal) =>
            new TestAnswer(307).With("Location", $"http://{target}:{_server.Port}/inside"),
        _ => new TestAnswer(404),
    };

    private RegistryOptions Options(string registry) => RegistryTesting.Quick with
    {
        Retries = 0,
        PlainHttpHosts = Plain(registry),
        ResolveHost = (host, _) => Task.FromResult(_names[host].Select(IPAddress.Parse).ToArray()),
        Dial = DialAsync,
    };

    private string[] Plain(params string[] registries) => [.. registries.Select(registry => $"{registry}:{_server.Port}")];

    // Whatever the address, the test's server answers.
    private async ValueTask<Stream> DialAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        _dialled.AddRange(addresses.Select(address => (address, port)));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private RegistryReference Image(string registry) => RegistryReference.Parse($"docker://{registry}:{_server.Port}/app:v1");

    private async Task<byte[]> ReadAsync(RegistryClient client, string registry)
    {
        Descriptor blob = RegistryTesting.DescriptorOf(Bytes);
        return await RegistryTesting.ReadToEndAsync(await client.OpenBlobAsync(Image(registry), blob, 0, RegistryTesting.Token));
    }
}
