using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class ManifestTests
{
    private const string Repository = "windows/nanoserver";

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(405)]
    [InlineData(501)]
    public async Task Source_HeadThatIsNotServed_IsReadWithGet(int status)
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest("team/app", "latest", RegistryTesting.EmptyManifest());
        registry.Misbehave = request => request.Method == "HEAD" ? new TestAnswer(status) : null;
        using var client = new RegistryClient(RegistryTesting.Quick);
        await using var source = new RegistrySource(client, registry.Reference("team/app"));
        Assert.Equal(digest, (await source.GetManifestAsync(digest: null, RegistryTesting.Token)).Digest);
    }

    [Fact]
    public async Task Source_Tag_IsAskedWithHeadAndReadByDigest()
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest(Repository, "latest", RegistryTesting.EmptyManifest());
        using var client = new RegistryClient(RegistryTesting.Quick);
        await using var source = new RegistrySource(client, registry.Reference(Repository));
        RawManifest manifest = await source.GetManifestAsync(digest: null, RegistryTesting.Token);
        Assert.Equal((digest, MediaTypes.OciManifest), (manifest.Digest, manifest.MediaType));
        Assert.Equal(["HEAD /v2/windows/nanoserver/manifests/latest", $"GET /v2/windows/nanoserver/manifests/{digest}"],
            registry.Requests.Select(r => $"{r.Method} {r.Target}"));
        Assert.All(registry.Requests, r => Assert.Equal(string.Join(", ", MediaTypes.Manifests), r.Header("Accept")));
        await source.GetManifestAsync(digest: null, RegistryTesting.Token);
        Assert.Equal(2, registry.Requests.Count);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    public async Task Source_HeadNotKnown_ReadsByTag(int status)
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest(Repository, "latest", RegistryTesting.EmptyManifest());
        registry.Misbehave = r => r.Method == "HEAD" ? new TestAnswer(status) : null;
        using var client = new RegistryClient(RegistryTesting.Quick);
        await using var source = new RegistrySource(client, registry.Reference(Repository));
        Assert.Equal(digest, (await source.GetManifestAsync(digest: null, RegistryTesting.Token)).Digest);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task GetManifest_Size_IsLimited(int over, bool accepted)
    {
        await using var registry = new TestRegistry();
        string json = RegistryTesting.EmptyManifest(new string('x', 1000));
        foreach (bool chunked in new[] { false, true })
        {
            registry.Misbehave = _ => TestAnswer.Text(200, json, MediaTypes.OciManifest) with { IsChunked = chunked };
            using var client = new RegistryClient(RegistryTesting.Quick with { ManifestBytes = Encoding.UTF8.GetByteCount(json) - over });
            Task<RawManifest> task = client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token);
            if (accepted)
                await task;
            else
                Assert.Contains("more than", (await Assert.ThrowsAsync<RegistryProtocolException>(() => task)).Message,
                    StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task GetManifest_OtherBytesThanTheDigest_AreRefused()
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest(Repository, "latest", RegistryTesting.EmptyManifest());
        registry.Misbehave = _ => TestAnswer.Text(200, RegistryTesting.EmptyManifest("another"), MediaTypes.OciManifest);
        using var client = new RegistryClient(RegistryTesting.Quick);
        await Assert.ThrowsAsync<RegistryProtocolException>(
            () => client.GetManifestAsync(registry.Reference(Repository).WithDigest(digest), RegistryTesting.Token));
    }

    [Theory]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("sha256:../../etc/passwd")]
    public async Task GetManifest_WrongDigestHeader_IsRefused(string header)
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ =>
            TestAnswer.Text(200, RegistryTesting.EmptyManifest(), MediaTypes.OciManifest).With("Docker-Content-Digest", header);
        using var client = new RegistryClient(RegistryTesting.Quick);
        RegistryProtocolException e =
            await Assert.ThrowsAsync<RegistryProtocolException>(
            () => client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token));
        Assert.Contains("Docker-Content-Digest", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetManifest_WithoutAMediaType_TakesTheDocumentsOwn()
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestAnswer.Text(200, RegistryTesting.EmptyManifest());
        using var client = new RegistryClient(RegistryTesting.Quick);
        Assert.Equal(MediaTypes.OciManifest,
            (await client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token)).MediaType);
    }

    [Fact]
    public async Task GetManifest_HugeErrorPage_IsCutToOneLine()
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestAnswer.Text(400, $$"""{"errors":[{"code":"X","message":"{{new string('a', 5000)}}\r\n\u001b[31mred"}]}""");
        using var client = new RegistryClient(RegistryTesting.Quick);
        RegistryProtocolException e =
            await Assert.ThrowsAsync<RegistryProtocolException>(
            () => client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token));
        Assert.InRange(e.Message.Length, 100, 500);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Theory]
    [InlineData("""{"errors":[{"code":"X","message":"\ud800"}]}""")]
    [InlineData("""{"\udc00":1,"errors":[]}""")]
    public async Task GetManifest_ErrorThatIsIllFormed_IsOneErrorAllTheSame(string body)
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestAnswer.Text(400, body);
        using var client = new RegistryClient(RegistryTesting.Quick);
        await Assert.ThrowsAsync<RegistryProtocolException>(
            () => client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token));
    }

    [Fact]
    public async Task PutManifest_RootAndChild_AreStoredUnderTagAndDigest()
    {
        await using var registry = new TestRegistry();
        using var client = new RegistryClient(RegistryTesting.Quick);
        await using var target = new RegistryTarget(client, registry.Reference("team/app", "v1"));
        byte[] bytes = Encoding.UTF8.GetBytes(RegistryTesting.EmptyManifest());
        var manifest = new RawManifest(MediaTypes.OciManifest, ContentHash.Of(bytes), bytes);
        await target.PutManifestAsync(manifest, isRoot: false, RegistryTesting.Token);
        Assert.Null(registry.Manifest("team/app", "v1"));
        await target.PutManifestAsync(manifest, isRoot: true, RegistryTesting.Token);
        Assert.Equal(bytes, registry.Manifest("team/app", "v1"));
        Assert.Equal(MediaTypes.OciManifest, registry.Requests[0].Header("Content-Type"));
    }

    [Fact]
    public async Task PutManifest_RegistryStoresSomethingElse_IsNoticed()
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => new TestAnswer(201).With("Docker-Content-Digest", ContentHash.Of([1]).ToString());
        using var client = new RegistryClient(RegistryTesting.Quick);
        byte[] bytes = Encoding.UTF8.GetBytes(RegistryTesting.EmptyManifest());
        await Assert.ThrowsAsync<RegistryProtocolException>(() => client.PutManifestAsync(
            registry.Reference("team/app"), new RawManifest(MediaTypes.OciManifest, ContentHash.Of(bytes), bytes), RegistryTesting.Token));
    }
}
