using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class MirrorTests
{
    private static readonly byte[] Bytes = RegistryTesting.RandomBytes(20_000);
    private static readonly RegistryReference Image = RegistryReference.Parse("docker://mcr.example.com/windows/nanoserver:ltsc2022");

    [Fact]
    public async Task Read_MirrorHasEverything_NobodyElseIsAsked()
    {
        await using var mirror = new TestRegistry();
        mirror.AddManifest("cache/windows/nanoserver", "ltsc2022", RegistryTesting.EmptyManifest());
        Descriptor blob = mirror.AddBlob("cache/windows/nanoserver", Bytes);

        // mcr.example.com does not resolve: any request to it would fail.
        using var client =
            new RegistryClient(
            RegistryTesting.Quick with { Retries = 0, Mirrors = [RegistryMirror.Parse($"mcr.example.com={mirror.Server.Url}/cache")] });
        await using var source = new RegistrySource(client, Image);
        Assert.Equal(MediaTypes.OciManifest, (await source.GetManifestAsync(digest: null, RegistryTesting.Token)).MediaType);
        Assert.Equal(Bytes, await RegistryTesting.ReadToEndAsync(await source.OpenBlobAsync(blob, 0, RegistryTesting.Token)));
        Assert.All(mirror.Requests, r => Assert.StartsWith("/v2/cache/windows/nanoserver/", r.Target, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_MirrorOnThisMachineWithoutTls_IsSpokenToAsItAnswers()
    {
        await using var mirror = new TestRegistry();
        mirror.AddManifest("windows/nanoserver", "ltsc2022", RegistryTesting.EmptyManifest());
        using var client = new RegistryClient(RegistryTesting.Quick with { Retries = 0, Mirrors = [RegistryMirror.Parse(mirror.Host)] });

        Assert.Equal(MediaTypes.OciManifest, (await client.GetManifestAsync(Image, RegistryTesting.Token)).MediaType);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(0)]
    public async Task Read_MirrorDoesNotHelp_TheRegistryDoes(int status)
    {
        await using var registry = new TestRegistry();
        await using var mirror =
            new TestRegistry { Misbehave = _ => status == 0 ? new TestAnswer(200) { IsHangUp = true } : new TestAnswer(status) };
        Digest digest = registry.AddManifest("app", "latest", RegistryTesting.EmptyManifest());
        Descriptor blob = registry.AddBlob("app", Bytes);
        using var client = new RegistryClient(RegistryTesting.Quick with { Mirrors = [RegistryMirror.Parse(mirror.Server.Url)] });
        Assert.Equal(digest, (await client.GetManifestAsync(registry.Reference("app"), RegistryTesting.Token)).Digest);
        Assert.Equal(Bytes,
            await RegistryTesting.ReadToEndAsync(await client.OpenBlobAsync(registry.Reference("app"), blob, 0, RegistryTesting.Token)));
        Assert.NotEmpty(mirror.Requests);
    }

    [Fact]
    public async Task Read_MirrorWithOtherBytes_TheRegistryDecides()
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest("app", "latest", RegistryTesting.EmptyManifest());
        await using var mirror =
            new TestRegistry { Misbehave = _ => TestAnswer.Text(200, RegistryTesting.EmptyManifest("forged"), MediaTypes.OciManifest) };
        using var client = new RegistryClient(RegistryTesting.Quick with { Mirrors = [RegistryMirror.Parse(mirror.Server.Url)] });
        Assert.Equal(digest, (await client.GetManifestAsync(registry.Reference("app").WithDigest(digest), RegistryTesting.Token)).Digest);
    }

    [Fact]
    public async Task Read_MirrorDiesHalfway_TheRegistryGivesTheRest()
    {
        await using var registry = new TestRegistry();
        Descriptor blob = registry.AddBlob("app", Bytes);
        int requests = 0;
        await using var mirror = new TestRegistry
        {
            Misbehave = _ =>
                requests++ == 0 ? new TestAnswer(200) { Body = Bytes, CutAfter = 9000 }.With("ETag", "\"other\"") : new TestAnswer(500),
        };
        using var client = new RegistryClient(RegistryTesting.Quick with { Mirrors = [RegistryMirror.Parse(mirror.Server.Url)] });
        Assert.Equal(Bytes,
            await RegistryTesting.ReadToEndAsync(await client.OpenBlobAsync(registry.Reference("app"), blob, 0, RegistryTesting.Token)));
        TestRequest rest = Assert.Single(registry.Requests);
        Assert.Equal("bytes=9000-", rest.Header("Range"));
        Assert.Null(rest.Header("If-Range"));
    }

    [Fact]
    public async Task Read_BothFail_TheErrorTellsOfBoth()
    {
        await using var registry = new TestRegistry();
        await using var mirror = new TestRegistry();
        using var client = new RegistryClient(RegistryTesting.Quick with { Mirrors = [RegistryMirror.Parse(mirror.Server.Url)] });
        RegistryNotFoundException e =
            await Assert.ThrowsAsync<RegistryNotFoundException>(
            () => client.GetManifestAsync(registry.Reference("app"), RegistryTesting.Token));
        Assert.Equal(registry.Host, e.Registry);
        Assert.Contains(mirror.Host, Assert.Single(e.MirrorFailures), StringComparison.Ordinal);
        Assert.Contains(mirror.Host, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_DeadMirror_IsNotAskedAgain()
    {
        await using var registry = new TestRegistry();
        registry.AddManifest("app", "latest", RegistryTesting.EmptyManifest());
        int requests = 0;
        await using var mirror = new TestServer(_ =>
        {
            requests++;
            return new TestAnswer(200) { IsHangUp = true };
        });
        using var client = new RegistryClient(RegistryTesting.Quick with { Mirrors = [RegistryMirror.Parse(mirror.Url)] });
        await client.GetManifestAsync(registry.Reference("app"), RegistryTesting.Token);
        int atFirst = requests;
        await client.GetManifestAsync(registry.Reference("app"), RegistryTesting.Token);
        Assert.NotEqual(0, atFirst);
        Assert.Equal(atFirst, requests);
    }

    [Theory]
    [InlineData("mcr.microsoft.com=mirror.example.com:5000/mcr", "mcr.microsoft.com", "https://mirror.example.com:5000/mcr")]
    [InlineData("MCR.microsoft.com=http://mirror", "mcr.microsoft.com", "http://mirror/")]
    [InlineData("mirror.example.com", "*", "https://mirror.example.com/")]
    [InlineData("index.docker.io=mirror.example.com", "docker.io", "https://mirror.example.com")]
    [InlineData("registry-1.docker.io=mirror.example.com", "docker.io", "https://mirror.example.com")]
    public void Parse_Mirror_IsRead(string text, string registry, string endpoint) =>
        Assert.Equal(new RegistryMirror(registry, new Uri(endpoint)), RegistryMirror.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("=x")]
    [InlineData("a=")]
    [InlineData("a=ftp://x")]
    [InlineData("a=https://user:pw@x")]
    [InlineData("a=https://x?y")]
    public void Parse_WhatIsNoMirror_IsRefused(string text) => Assert.Throws<RegistryUsageException>(() => RegistryMirror.Parse(text));
}
