using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class AuthenticationTests
{
    [Fact]
    public async Task Bearer_FirstRequestIsAnonymous_ThenOneTokenServesAll()
    {
        var script = new TokenScript();
        using RegistryClient client = Client(script);
        for (int i = 0; i < 3; i++)
            await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        Assert.DoesNotContain("Authorization", script.Handler.Sent[0].Everything, StringComparison.Ordinal);
        Uri token = Assert.Single(script.TokenRequests);
        Assert.Equal("https://auth.example.com/token?service=registry.example.com&scope=repository%3Awindows%2Fapp%3Apull&account=alice",
            token.AbsoluteUri);
        Assert.DoesNotContain(TokenScript.PasswordHeader, script.Handler.SentOutside("https://auth.example.com"), StringComparison.Ordinal);
        Assert.DoesNotContain("issued-token", script.Handler.SentOutside(TokenScript.Registry), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bearer_TokenNearItsEnd_IsRenewedWithoutBeingRefused()
    {
        var script = new TokenScript();
        var clock = new ShiftedClock();
        using RegistryClient client = Client(script, clock);
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        clock.Shift = TimeSpan.FromSeconds(280);
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        Assert.Equal(2, script.Issued);
        Assert.Equal(5, script.Handler.Sent.Count);
    }

    [Fact]
    public async Task Bearer_TokenRevokedBetweenRequests_IsRenewed()
    {
        var script = new TokenScript();
        using RegistryClient client = Client(script);
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        script.Expire();
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        Assert.Equal(2, script.Issued);
    }

    [Fact]
    public async Task Bearer_DownloadCutAfterTheTokenEnded_ResumesWithANewOne()
    {
        byte[] bytes = RegistryTesting.RandomBytes(50_000);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        var script = new TokenScript();
        int cuts = 1;
        script.Before = (uri, request) =>
        {
            bool isAuthorized = request.Headers.Authorization?.Parameter == $"issued-token-{script.Issued}";
            if (!uri.AbsolutePath.Contains("/blobs/", StringComparison.Ordinal) || !isAuthorized)
                return null;
            if (cuts-- <= 0)
                return ScriptedHandler.Bytes(bytes);
            script.Expire();
            return new HttpResponseMessage { Content = new StreamContent(new CutStream(bytes, 20_000)) };
        };
        bool isFirst = true;
        Func<Uri, HttpRequestMessage, HttpResponseMessage?> before = script.Before;
        script.Before = (uri, request) =>
        {
            // After the cut the old token is refused once.
            if (cuts == 0 && isFirst && uri.AbsolutePath.Contains("/blobs/", StringComparison.Ordinal))
            {
                isFirst = false;
                return ScriptedHandler.Challenge($"Bearer realm=\"{script.Realm}\",service=\"registry.example.com\"");
            }

            return before(uri, request);
        };
        using RegistryClient client = Client(script);
        Stream stream = await client.OpenBlobAsync(TokenScript.Image, blob, 0, RegistryTesting.Token);
        Assert.Equal(bytes, await RegistryTesting.ReadToEndAsync(stream));
        Assert.Equal(2, script.Issued);
    }

    [Fact]
    public async Task Bearer_StaleCredentials_DoNotHinderAPublicPull()
    {
        var script = new TokenScript { AllowsAnonymous = true };
        using RegistryClient client = Client(script, password: "stale-password");
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        Assert.Equal(2, script.TokenRequests.Count);
    }

    [Fact]
    public async Task Bearer_Refused_SaysWhatWasTriedAndNoSecret()
    {
        var script = new TokenScript();
        using RegistryClient client = Client(script, password: "stale-password");
        RegistryAuthenticationException e =
            await Assert.ThrowsAsync<RegistryAuthenticationException>(
            () => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Equal("WCL4001", e.Code);
        Assert.Contains(
            "token server https://auth.example.com/token for repository:windows/app:pull: refuses the credentials from the options",
            e.Message, StringComparison.Ordinal);
        Assert.Contains("refuses an anonymous token", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("stale-password", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bearer_FreshTokenRefused_EndsAfterOneRound()
    {
        var script = new TokenScript();
        script.Before = (uri, _) =>
            uri.AbsolutePath == "/token" ? null : ScriptedHandler.Challenge($"Bearer realm=\"{script.Realm}\",service=\"s\"");
        using RegistryClient client = Client(script);
        await Assert.ThrowsAsync<RegistryAuthenticationException>(() => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Equal(3, script.Handler.Sent.Count);
    }

    [Fact]
    public async Task Bearer_WiderScopeInTheChallenge_IsAskedForToo()
    {
        var script = new TokenScript { ChallengeScope = "repository:windows/app:pull repository:base/image:pull" };
        using RegistryClient client = Client(script);
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        Assert.Contains("base%2Fimage", Assert.Single(script.TokenRequests).AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bearer_IdentityToken_IsPostedAndItsSuccessorKept()
    {
        var script = new TokenScript { ExpiresIn = 60 };
        int posts = 0;
        script.Before = (uri, request) =>
        {
            if (uri.AbsolutePath == "/token" && request.Method == HttpMethod.Post)
                return ScriptedHandler.Reply(200, $$"""{"access_token":"access-{{++posts}}","refresh_token":"identity-{{posts + 1}}","expires_in":60}""");
            return request.Headers.Authorization?.ToString() == $"Bearer access-{posts}"
                && posts > 0 ? ScriptedHandler.Reply(200, RegistryTesting.EmptyManifest(), MediaTypes.OciManifest) : null;
        };
        var clock = new ShiftedClock();
        using RegistryClient client = Client(script, clock, RegistryCredential.FromIdentityToken("identity-1"));
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        clock.Shift = TimeSpan.FromMinutes(2);
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        string[] bodies = [.. script.Handler.Sent.Where(s => s.Uri.AbsolutePath == "/token").Select(s => s.Everything)];
        Assert.Equal(2, bodies.Length);
        Assert.Contains(
            "grant_type=refresh_token&service=registry.example.com&client_id=winlayers&scope=repository%3Awindows%2Fapp%3Apull&refresh_token=identity-1", bodies[0], StringComparison.Ordinal);
        Assert.Contains("refresh_token=identity-2", bodies[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://auth.example.com/token", "without TLS")]
    [InlineData("http://127.0.0.1/token", "without TLS")]
    [InlineData("file:///etc/passwd", "names no token server")]
    [InlineData("https://user:pw@auth.example.com/token", "user name")]
    [InlineData("token", "names no token server")]
    public async Task Bearer_RealmThatIsNotSafe_IsRefusedUnasked(string realm, string problem)
    {
        var script = new TokenScript { Realm = realm };
        using RegistryClient client = Client(script);
        RegistryProtocolException e =
            await Assert.ThrowsAsync<RegistryProtocolException>(() => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.Single(script.Handler.Sent);
    }

    [Theory]
    [InlineData("https://evil.example.net/token")]
    [InlineData("https://registry.example.com.evil.net/token")]
    [InlineData("https://notexample.com/token")]
    public async Task Bearer_RealmOfAnotherSite_GetsNoCredentials(string realm)
    {
        var script = new TokenScript { Realm = realm, AllowsAnonymous = true };
        using RegistryClient client = Client(script);
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        Assert.DoesNotContain("Authorization", script.Handler.SentOutside(TokenScript.Registry), StringComparison.Ordinal);
        script.AllowsAnonymous = false;
        script.Expire();
        RegistryAuthenticationException e =
            await Assert.ThrowsAsync<RegistryAuthenticationException>(
            () => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Contains("not on the registry's own site", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", script.Handler.SentOutside(TokenScript.Registry), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bearer_RealmOfATrustedSite_GetsCredentials()
    {
        var script = new TokenScript { Realm = "https://login.example.net/token" };
        using var client = new RegistryClient(Options(script) with { TrustedTokenHosts = ["login.example.net"] });
        await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        Assert.Equal(1, script.Issued);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("""{"token":"a\r\nX-Injected: 1"}""")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":17}""")]
    [InlineData("""{"token":"a\ud800"}""")]
    public async Task Bearer_TokenThatIsNone_IsRefusedAndNotShown(string body)
    {
        var script = new TokenScript();
        script.Before = (uri, _) => uri.AbsolutePath == "/token" ? ScriptedHandler.Reply(200, body) : null;
        using RegistryClient client = Client(script);
        RegistryProtocolException e =
            await Assert.ThrowsAsync<RegistryProtocolException>(() => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.DoesNotContain("Injected", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_RedirectOfTheTokenServer_IsNotFollowed()
    {
        var script = new TokenScript();
        script.Before = (uri, _) => uri.AbsolutePath == "/token" ? ScriptedHandler.Redirect("https://evil.example.net/token") : null;
        using RegistryClient client = Client(script);
        await Assert.ThrowsAsync<RegistryProtocolException>(() => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Equal("", script.Handler.SentOutside(TokenScript.Registry, "https://auth.example.com"));
    }

    [Theory]
    [InlineData(TokenScript.Password, true)]
    [InlineData("wrong-password", false)]
    public async Task Basic_Password_IsSentAfterTheChallenge(string password, bool accepted)
    {
        var handler = new ScriptedHandler((_, request) => request.Headers.Authorization?.ToString() == TokenScript.PasswordHeader
            ? ScriptedHandler.Reply(200, RegistryTesting.EmptyManifest(), MediaTypes.OciManifest)
            : ScriptedHandler.Challenge("Basic realm=\"here\""));
        using var client = new RegistryClient(Options(handler, RegistryCredential.FromPassword(TokenScript.User, password)));
        Task<RawManifest> task = client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
        if (accepted)
        {
            await task;
            await client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token);
            Assert.Equal(3, handler.Sent.Count);
            return;
        }

        RegistryAuthenticationException e = await Assert.ThrowsAsync<RegistryAuthenticationException>(() => task);
        Assert.Contains("refuses the user and password from the options", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, handler.Sent.Count);
    }

    [Fact]
    public async Task Errors_ServerThatEchoesTheSecret_AreRedacted()
    {
        var handler = new ScriptedHandler((_, request) => request.Headers.Authorization is { } sent
            ? ScriptedHandler.Reply(400, $$"""{"errors":[{"code":"BAD","message":"you sent {{sent.Parameter}} and {{TokenScript.Password}}"}]}""")
            : ScriptedHandler.Challenge("Basic realm=\"here\""));
        using var client = new RegistryClient(Options(handler, RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password)));
        RegistryProtocolException e =
            await Assert.ThrowsAsync<RegistryProtocolException>(() => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Contains("you sent *** and ***", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Negotiate")]
    [InlineData("Digest realm=\"x\", nonce=\"y\"")]
    [InlineData("")]
    public async Task UnknownScheme_IsNamed(string challenge)
    {
        var handler =
            new ScriptedHandler((_, _) => challenge.Length == 0 ? ScriptedHandler.Reply(401) : ScriptedHandler.Challenge(challenge));
        using var client = new RegistryClient(Options(handler, RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password)));
        RegistryAuthenticationException e =
            await Assert.ThrowsAsync<RegistryAuthenticationException>(
            () => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
        Assert.Contains(challenge.Split(' ')[0], e.Message, StringComparison.Ordinal);
        Assert.Single(handler.Sent);
    }

    internal static RegistryOptions Options(ScriptedHandler handler, RegistryCredential? credential) => RegistryTesting.Quick with
    {
        HttpMessageHandler = handler,
        Credentials = (host, _) => ValueTask.FromResult(host == "registry.example.com" ? credential : null),
    };

    private static RegistryOptions Options(TokenScript script) =>
        Options(script.Handler, RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password));

    private static RegistryClient Client(TokenScript script, string password = TokenScript.Password) =>
        new(Options(script.Handler, RegistryCredential.FromPassword(TokenScript.User, password)));

    private static RegistryClient Client(TokenScript script, TimeProvider clock, RegistryCredential? credential = null) =>
        new(Options(script.Handler,
            credential ?? RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password)) with
        { TimeProvider = clock });
}
