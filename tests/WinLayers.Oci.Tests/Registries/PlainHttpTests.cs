using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

/// <summary>One client serves many registries; what one of them may be told in clear is not for the others.</summary>
public sealed class PlainHttpTests
{
    [Fact]
    public async Task Client_ForSeveralRegistries_SpeaksPlainHttpToTheNamedOnesAlone()
    {
        using var handler = new ScriptedHandler(static (_, _) => ScriptedHandler.Reply(404));
        using var client =
            new RegistryClient(
            RegistryTesting.Quick with { HttpMessageHandler = handler, PlainHttpHosts = ["Plain.example:5000", "index.docker.io"] });
        string[] hosts = ["plain.example:5000", "plain.example", "plain.example:5001", "other.example:5000", "docker.io"];

        foreach (string host in hosts)
        {
            await Assert.ThrowsAsync<RegistryNotFoundException>(
                () => client.GetManifestAsync(RegistryReference.Parse($"docker://{host}/a/b:1"), RegistryTesting.Token));
        }

        Assert.Equal(
            ["http://plain.example:5000", "https://plain.example", "https://plain.example:5001", "https://other.example:5000",
                "http://registry-1.docker.io"],
            handler.Sent.Select(static sent => sent.Uri.GetLeftPart(UriPartial.Authority)));
    }

    [Fact]
    public void Client_HostGivenAsSomethingElse_IsRefused()
    {
        Assert.Throws<RegistryUsageException>(
            static () => new RegistryClient(new RegistryOptions { PlainHttpHosts = ["http://plain.example"] }));
        Assert.Throws<RegistryUsageException>(
            static () => new RegistryClient(new RegistryOptions { TrustedTokenHosts = ["https://auth.example/token"] }));
        Assert.Throws<RegistryUsageException>(
            static () => new RegistryClient(new RegistryOptions { NamedRegistries = ["docker.io/library"] }));
    }
}
