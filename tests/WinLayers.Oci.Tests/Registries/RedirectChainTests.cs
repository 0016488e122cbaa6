using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

/// <summary>Once a request has left its registry, no later hop is told the credential, whatever two hops have in common.</summary>
public sealed class RedirectChainTests
{
    private const string Other = "https://cdn.example.net";
    private static readonly byte[] Bytes = RegistryTesting.RandomBytes(500);

    [Theory]
    [InlineData($"{Other}/2")]
    [InlineData("/2")]
    [InlineData("https://third.example.net/2")]
    [InlineData($"{TokenScript.Registry}/2")]
    public async Task Blob_SecondHopAfterLeavingTheRegistry_GetsNoCredential(string second)
    {
        foreach (int status in new[] { 301, 302, 303, 307, 308 })
        {
            var handler = new ScriptedHandler((uri, request) => uri.AbsolutePath switch
            {
                "/1" => ScriptedHandler.Redirect(second, status),
                "/2" => ScriptedHandler.Redirect("/3", status),
                "/3" => ScriptedHandler.Bytes(Bytes),
                _ when request.Headers.Authorization is null => ScriptedHandler.Challenge("Basic realm=\"here\""),
                _ => ScriptedHandler.Redirect($"{Other}/1", status),
            });
            using var client = new RegistryClient(
                AuthenticationTests.Options(handler, RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password)));
            Descriptor blob = RegistryTesting.DescriptorOf(Bytes);

            Stream stream = await client.OpenBlobAsync(TokenScript.Image, blob, 0, RegistryTesting.Token);
            Assert.Equal(Bytes, await RegistryTesting.ReadToEndAsync(stream));

            string[] hops = [.. handler.Sent.Where(sent => sent.Uri.AbsolutePath.Length == 2).Select(sent => sent.Everything)];
            Assert.Equal(3, hops.Length);
            Assert.All(hops, hop => Assert.DoesNotContain("Authorization", hop, StringComparison.OrdinalIgnoreCase));
        }
    }
}
