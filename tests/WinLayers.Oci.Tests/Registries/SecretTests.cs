using WinLayers.Formats;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

/// <summary>Whatever happens between a client and a registry: what is logged and thrown holds no password and no token.</summary>
public sealed class SecretTests
{
    private const string Identity = "identity-token-f00d";

    private static readonly string[] Secrets =
        [TokenScript.Password, TokenScript.PasswordHeader["Basic ".Length..], "issued-token-", Identity, "X-Amz-Signature=5ec7e7"];

    public static TheoryData<string> Runs =>
        ["works", "wrong password", "token expires", "server error", "echo", "refused", "not found", "redirect", "redirect that fails",
        "broken", "realm over http", "identity token", "token server echoes", "token server echoes in full",
            "token server echoes at the cut",
        "identity token echoed", "scheme echoes", "realm's host echoes"];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task LogsAndErrors_HoldNoSecret(string run)
    {
        var script = new TokenScript();
        Arrange(script, run);
        var log = new TextLogger();
        RegistryCredential credential = run.StartsWith("identity token", StringComparison.Ordinal)
            ? RegistryCredential.FromIdentityToken(Identity)
            : RegistryCredential.FromPassword(TokenScript.User,
                run == "wrong password" ? TokenScript.Password + "-not" : TokenScript.Password);
        byte[] bytes = RegistryTesting.RandomBytes(1000);
        using (var client = new RegistryClient(AuthenticationTests.Options(script.Handler, credential), log))
        {
            for (int i = 0; i < 2; i++)
            {
                await TryAsync(log, () => client.GetManifestAsync(TokenScript.Image, RegistryTesting.Token));
                await TryAsync(log,
                    async () => await RegistryTesting.ReadToEndAsync(
                    await client.OpenBlobAsync(TokenScript.Image, RegistryTesting.DescriptorOf(bytes), 0, RegistryTesting.Token)));
            }

            log.Text.Append(client).Append(credential);
        }

        Assert.NotEmpty(script.Handler.Sent);
        string text = log.Text.ToString();
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
    }

    private static void Arrange(TokenScript script, string run) => script.Before = (uri, request) => (run, uri.AbsolutePath) switch
    {
        ("token server echoes", "/token") => Echo(400, request),
        ("token server echoes in full", "/token") => Echo(500, request),
        ("token server echoes at the cut", "/token") => Echo(500, request, new string('x', 290)),
        ("identity token echoed", "/token") => Echo(500, request, ReadBody(request)),
        ("scheme echoes", _) when request.Headers.Authorization is { } sent =>
            ScriptedHandler.Challenge($"{sent.Parameter!.TrimEnd('=')}, x"),
        ("scheme echoes", _) => ScriptedHandler.Challenge("Basic realm=\"x\""),
        ("realm's host echoes", "/token") => Echo(429, request),
        (_, "/token") when run is not "broken" => null,
        _ when request.Headers.Authorization is null && uri.Host == "registry.example.com" && run != "realm over http" => null,
        ("server error", _) => ScriptedHandler.Reply(500, "it failed"),
        ("echo", _) => ScriptedHandler.Reply(400, $$"""{"errors":[{"code":"BAD","message":"{{request.Headers.Authorization}} {{TokenScript.Password}}"}]}"""),
        ("refused", _) => ScriptedHandler.Reply(403, $"not with {request.Headers.Authorization}"),
        ("not found", _) => ScriptedHandler.Reply(404, "{}"),
        ("redirect", var path) when path.Contains("/blobs/", StringComparison.Ordinal) => Redirect(),
        ("redirect that fails", var path) when path.Contains("/blobs/", StringComparison.Ordinal) => Redirect(),
        ("redirect", "/signed") => ScriptedHandler.Bytes(RegistryTesting.RandomBytes(1000)),
        ("redirect that fails", "/signed") => ScriptedHandler.Reply(403, "expired: " + uri.Query),
        ("broken", _) => throw new HttpRequestException("connection refused"),
        ("realm over http", _) => ScriptedHandler.Challenge("Bearer realm=\"http://auth.example.com/token\",service=\"x\""),
        _ => null,
    };

    // What a proxy in front of a token server may do in all innocence.
    private static HttpResponseMessage Echo(int status, HttpRequestMessage request, string before = "") =>
        ScriptedHandler.Reply(status, $$"""{"error":"E","error_description":"{{before}}{{request.Headers.Authorization}} {{request.RequestUri}}"}""");

    private static string ReadBody(HttpRequestMessage request) => request.Content?.ReadAsStringAsync().Result ?? "";

    private static HttpResponseMessage Redirect() => ScriptedHandler.Redirect("https://cdn.example.com/signed?X-Amz-Signature=5ec7e7");

    private static async Task TryAsync(TextLogger log, Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is WinLayersException or IOException or HttpRequestException)
        {
            log.Text.Append(e).Append((e as WinLayersException)?.Remedy).AppendLine();
        }
    }
}
