using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class RedirectTests
{
    private static readonly byte[] Bytes = RegistryTesting.RandomBytes(5000);

    /// <summary>Every way to leave an origin: another host, a sub-domain, another port, another scheme, through another and back.</summary>
    [Theory]
    [InlineData("https://cdn.example.net/blob?sig=s3cr3t")]
    [InlineData("https://sub.registry.example.com/blob")]
    [InlineData("https://registry.example.com:8443/blob")]
    [InlineData("//cdn.example.net/blob")]
    [InlineData("https://cdn.example.net/bounce")]
    public async Task Blob_RedirectedToAnotherOrigin_TakesNoCredentialAlong(string location)
    {
        foreach (int status in new[] { 301, 302, 303, 307, 308 })
        {
            ScriptedHandler handler = Registry(location, status);
            using var client = new RegistryClient(Options(handler));
            Assert.Equal(Bytes, await ReadAsync(client));
            Assert.DoesNotContain("Authorization", handler.SentOutside(TokenScript.Registry), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(handler.Sent,
                s => s.Uri.AbsolutePath == "/back" && s.Everything.Contains("Authorization", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Blob_RedirectedWithinTheOrigin_KeepsTheCredential()
    {
        ScriptedHandler handler = Registry("/elsewhere/blob", 307);
        using var client = new RegistryClient(Options(handler));
        Assert.Equal(Bytes, await ReadAsync(client));
        Assert.Contains(handler.Sent,
            s => s.Uri.AbsolutePath == "/elsewhere/blob" && s.Everything.Contains("Authorization", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Blob_RedirectFromTlsToPlain_IsRefusedUnlessAllowed()
    {
        ScriptedHandler handler = Registry("http://registry.example.com/blob", 307);
        using (var client = new RegistryClient(Options(handler)))
        {
            RegistryProtocolException e = await Assert.ThrowsAsync<RegistryProtocolException>(() => ReadAsync(client));
            Assert.Contains("from https to http", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(handler.Sent, s => s.Uri.Scheme == "http");
        }

        using (var client = new RegistryClient(Options(handler) with { AllowHttpUrls = true }))
        {
            Assert.Equal(Bytes, await ReadAsync(client));
            Assert.DoesNotContain("Authorization", handler.SentOutside(TokenScript.Registry), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Blob_ChallengeOfAnotherOrigin_IsNeverAnswered()
    {
        var handler = new ScriptedHandler((uri, _) => uri.Host == "registry.example.com"
            ? ScriptedHandler.Redirect("https://evil.example.net/blob?sig=s3cr3t")
            : ScriptedHandler.Challenge("Basic realm=\"give\""));
        using var client = new RegistryClient(Options(handler));
        RegistryAuthenticationException e = await Assert.ThrowsAsync<RegistryAuthenticationException>(() => ReadAsync(client));
        Assert.Contains("evil.example.net, where it redirects to, answers 401", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", e.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, handler.Sent.Count);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public async Task Blob_ChainOfRedirects_HasALimit(int hops, bool accepted)
    {
        var handler = new ScriptedHandler((uri, _) =>
        {
            int hop = uri.AbsolutePath.StartsWith("/hop", StringComparison.Ordinal) ? int.Parse(uri.AbsolutePath[4..]) : 0;
            return hop < hops ? ScriptedHandler.Redirect($"/hop{hop + 1}", 302) : ScriptedHandler.Bytes(Bytes);
        });
        using var client = new RegistryClient(Options(handler));
        if (accepted)
            Assert.Equal(Bytes, await ReadAsync(client));
        else
            Assert.Contains("more than 10 times", (await Assert.ThrowsAsync<RegistryProtocolException>(() => ReadAsync(client))).Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.com/x")]
    [InlineData("https://user:pw@example.com/x")]
    public async Task Blob_RedirectToWhatIsNoPlainUrl_IsRefused(string location)
    {
        using var client = new RegistryClient(Options(Registry(location, 302)));
        await Assert.ThrowsAsync<RegistryProtocolException>(() => ReadAsync(client));
    }

    [Fact]
    public async Task Upload_PlaceOnAnotherOrigin_GetsTheBytesButNoCredential()
    {
        var handler = new ScriptedHandler((uri, request) =>
            uri.Host != "registry.example.com" ? ScriptedHandler.Reply(201)
            : request.Headers.Authorization is null ? ScriptedHandler.Challenge("Basic realm=\"here\"")
            : ScriptedHandler.Reply(202, headers: ("Location", "https://storage.example.net/up/1?sig=s3cr3t")));
        using var client = new RegistryClient(Options(handler));
        await client.PutBlobAsync(TokenScript.Image, RegistryTesting.DescriptorOf(Bytes), new MemoryStream(Bytes), RegistryTesting.Token);
        string outside = handler.SentOutside(TokenScript.Registry);
        Assert.Contains("PUT https://storage.example.net/up/1?sig=s3cr3t&digest=sha256", outside, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", outside, StringComparison.OrdinalIgnoreCase);
    }

    private static RegistryOptions Options(ScriptedHandler handler) =>
        AuthenticationTests.Options(handler, RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password));

    private static ScriptedHandler Registry(string location, int status) => new((uri, request) => uri switch
    {
        { AbsolutePath: "/bounce" } => ScriptedHandler.Redirect(TokenScript.Registry + "/back"),
        { AbsolutePath: "/back" } => ScriptedHandler.Bytes(Bytes),
        { AbsolutePath: "/blob" or "/elsewhere/blob" } => ScriptedHandler.Bytes(Bytes),
        _ when request.Headers.Authorization is null => ScriptedHandler.Challenge("Basic realm=\"here\""),
        _ => ScriptedHandler.Redirect(location, status),
    });

    private static async Task<byte[]> ReadAsync(RegistryClient client)
    {
        Descriptor blob = RegistryTesting.DescriptorOf(Bytes);
        return await RegistryTesting.ReadToEndAsync(await client.OpenBlobAsync(TokenScript.Image, blob, 0, RegistryTesting.Token));
    }
}
