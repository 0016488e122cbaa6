using System.Net;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class DeleteTests
{
    private const string Repository = "windows/app";

    [Fact]
    public async Task Delete_Tag_LeavesTheManifestAndItsOtherTags()
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest(Repository, "v1", RegistryTesting.EmptyManifest());
        registry.AddManifest(Repository, "v2", RegistryTesting.EmptyManifest());
        using var client = new RegistryClient(RegistryTesting.Quick);

        await client.DeleteAsync(registry.Reference(Repository, "v1"), RegistryTesting.Token);

        Assert.Null(registry.Manifest(Repository, "v1"));
        Assert.NotNull(registry.Manifest(Repository, "v2"));
        Assert.NotNull(registry.Manifest(Repository, $"{digest}"));
    }

    [Fact]
    public async Task Delete_Digest_TakesEveryTagThatLeadsToIt()
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest(Repository, "v1", RegistryTesting.EmptyManifest());
        registry.AddManifest(Repository, "other", RegistryTesting.EmptyManifest("another"));
        using var client = new RegistryClient(RegistryTesting.Quick);

        await client.DeleteAsync(registry.Reference(Repository).WithDigest(digest), RegistryTesting.Token);

        Assert.Null(registry.Manifest(Repository, "v1"));
        Assert.NotNull(registry.Manifest(Repository, "other"));
    }

    [Theory]
    [InlineData(400, true, "no tag without its manifest")]
    [InlineData(405, true, "no tag without its manifest")]
    [InlineData(405, false, "it does not delete")]
    public async Task Delete_WhereTheRegistryDoesNot_SaysSo(int status, bool isTag, string why)
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest(Repository, "v1", RegistryTesting.EmptyManifest());
        registry.Misbehave = request => request.Method == "DELETE" ? TestRegistry.Failure(status, "UNSUPPORTED") : null;
        using var client = new RegistryClient(RegistryTesting.Quick);

        RegistryUnsupportedException refused = await Assert.ThrowsAsync<RegistryUnsupportedException>(() => client.DeleteAsync(
            isTag ? registry.Reference(Repository, "v1") : registry.Reference(Repository).WithDigest(digest), RegistryTesting.Token));

        Assert.Equal(("WCL4010", (HttpStatusCode)status), (refused.Code, refused.Status));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task Delete_WhatIsNotThere_IsNotFound()
    {
        await using var registry = new TestRegistry();
        using var client = new RegistryClient(RegistryTesting.Quick);

        await Assert.ThrowsAsync<RegistryNotFoundException>(
            () => client.DeleteAsync(registry.Reference(Repository, "v1"), RegistryTesting.Token));
    }

    [Fact]
    public async Task Delete_AsksForATokenThatMayDelete_AndNeverAMirror()
    {
        var script = new TokenScript { ChallengeScope = "repository:windows/app:delete" };
        using var client = new RegistryClient(RegistryTesting.Quick with
        {
            HttpMessageHandler = script.Handler,
            Mirrors = [RegistryMirror.Parse("https://mirror.example.net")],
            Credentials = (_, _) => ValueTask.FromResult<RegistryCredential?>(
                RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password)),
        });

        await client.DeleteAsync(TokenScript.Image, RegistryTesting.Token);

        Assert.Equal(
            "https://auth.example.com/token?service=registry.example.com&scope=repository%3Awindows%2Fapp%3Adelete&account=alice",
            Assert.Single(script.TokenRequests).AbsoluteUri);
        Assert.All(script.Handler.Sent, sent => Assert.NotEqual("mirror.example.net", sent.Uri.Host));
        Assert.StartsWith("DELETE https://registry.example.com/v2/windows/app/manifests/v1 ", script.Handler.Sent[^1].Everything,
            StringComparison.Ordinal);
    }
}
