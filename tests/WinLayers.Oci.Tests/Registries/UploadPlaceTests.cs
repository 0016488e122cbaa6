using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

/// <summary>A registry spoken to over TLS that sends an upload to plain HTTP gets none of the blob's bytes there.</summary>
public sealed class UploadPlaceTests
{
    private const string Plain = "http://registry.example.com/up/1";
    private const string Secure = TokenScript.Registry + "/up/1";
    private static readonly byte[] Bytes = RegistryTesting.RandomBytes(2500);

    public static TheoryData<string, int> Answers => new()
    {
        // The method whose answer names the place, and the size of a piece: one of all, or three.
        { "POST", 5000 },
        { "POST", 1000 },
        { "PATCH", 1000 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task PutBlob_PlaceWithoutTls_IsRefusedBeforeAnythingIsSentThere(string method, int chunk)
    {
        ScriptedHandler handler = Registry(method, Plain);
        using var client = new RegistryClient(Options(handler, chunk));

        RegistryProtocolException refused = await Assert.ThrowsAsync<RegistryProtocolException>(() => PutAsync(client));

        Assert.Contains("http://registry.example.com, without TLS", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(handler.Sent, sent => sent.Uri.Scheme == Uri.UriSchemeHttp);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task PutBlob_PlaceWithoutTls_IsUsedWhereThatIsAllowed(string method, int chunk)
    {
        ScriptedHandler handler = Registry(method, Plain);
        using var client = new RegistryClient(Options(handler, chunk) with { AllowHttpUrls = true });

        await PutAsync(client);

        Assert.Contains(handler.Sent, sent => sent.Uri.Scheme == Uri.UriSchemeHttp);
        Assert.DoesNotContain("Authorization", handler.SentOutside(TokenScript.Registry), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Mount_PlaceWithoutTls_IsRefused()
    {
        ScriptedHandler handler = Registry("POST", Plain);
        using var client = new RegistryClient(Options(handler, 5000));
        var mountFrom = RegistryReference.Parse("docker://registry.example.com/windows/base:v1");
        await using var target = new RegistryTarget(client, TokenScript.Image, mountFrom);

        await Assert.ThrowsAsync<RegistryProtocolException>(
            () => target.HasBlobAsync(RegistryTesting.DescriptorOf(Bytes), RegistryTesting.Token));

        Assert.DoesNotContain(handler.Sent, sent => sent.Uri.Scheme == Uri.UriSchemeHttp);
    }

    private static Task PutAsync(RegistryClient client) =>
        client.PutBlobAsync(TokenScript.Image, RegistryTesting.DescriptorOf(Bytes), new MemoryStream(Bytes), RegistryTesting.Token);

    private static RegistryOptions Options(ScriptedHandler handler, int chunk) =>
        AuthenticationTests.Options(handler, RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password)) with
        {
            UploadChunkBytes = chunk,
            Retries = 0,
        };

    private static ScriptedHandler Registry(string method, string place) => new((uri, request) =>
    {
        if (request.Method == HttpMethod.Put)
            return ScriptedHandler.Reply(201);
        if (request.Method == HttpMethod.Head)
            return ScriptedHandler.Reply(404);
        if (uri.Scheme == Uri.UriSchemeHttps && request.Headers.Authorization is null)
            return ScriptedHandler.Challenge("Basic realm=\"here\"");
        return ScriptedHandler.Reply(202, headers: ("Location", request.Method.Method == method ? place : Secure));
    });
}
