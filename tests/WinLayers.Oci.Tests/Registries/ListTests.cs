using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class ListTests
{
    private const string Repository = "windows/nanoserver";
    private const string Signature = "application/vnd.example.signature";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(100)]
    public async Task ListTags_InPages_GivesAll(int pageSize)
    {
        await using var registry = new TestRegistry { PageSize = pageSize };
        string[] tags = ["1809", "ltsc2019", "ltsc2022", "ltsc2025", "v1_2.3-x"];
        foreach (string tag in tags)
            registry.AddManifest(Repository, tag, RegistryTesting.EmptyManifest());
        using var client = new RegistryClient(RegistryTesting.Quick);
        Assert.Equal(tags, await AllAsync(client, registry));
    }

    [Theory]
    [InlineData("<https://evil.example/v2/x/tags/list>; rel=\"next\"", "leads elsewhere")]
    [InlineData("</v2/windows/nanoserver/tags/list?n=1000>; rel=\"next\"", "in a circle")]
    public async Task ListTags_HostileLink_IsRefused(string link, string problem)
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestAnswer.Text(200, """{"tags":["a"]}""").With("Link", link);
        using var client = new RegistryClient(RegistryTesting.Quick);
        RegistryProtocolException e = await Assert.ThrowsAsync<RegistryProtocolException>(() => AllAsync(client, registry));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"tags":["../../x"]}""")]
    [InlineData("""{"tags":[1]}""")]
    [InlineData("""{"tags":"x"}""")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public async Task ListTags_WhatIsNoListOfTags_IsRefused(string body)
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestAnswer.Text(200, body);
        using var client = new RegistryClient(RegistryTesting.Quick);
        await Assert.ThrowsAsync<RegistryProtocolException>(() => AllAsync(client, registry));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ListReferrers_WithAndWithoutTheApi_GivesThem(bool hasApi)
    {
        await using var registry = new TestRegistry { HasReferrersApi = hasApi };
        Digest subject = registry.AddManifest(Repository, "latest", RegistryTesting.EmptyManifest());
        registry.AddManifest(Repository, subject.ToString().Replace(':', '-'), $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[
              {"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{subject}}","size":7,"artifactType":"{{Signature}}","annotations":{"a":"b"} },
              {"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{subject}}","size":8,"artifactType":"application/other"}]}
            """, MediaTypes.OciIndex);
        using var client = new RegistryClient(RegistryTesting.Quick);
        Assert.Equal(2,
            (await client.ListReferrersAsync(registry.Reference(Repository), subject, artifactType: null, RegistryTesting.Token)).Count);
        Referrer one =
            Assert.Single(await client.ListReferrersAsync(registry.Reference(Repository), subject, Signature, RegistryTesting.Token));
        Assert.Equal((7, Signature, "b"), (one.Descriptor.Size, one.ArtifactType, one.Descriptor.Annotations["a"]));
    }

    [Fact]
    public async Task ListReferrers_NeitherApiNorTag_IsEmpty()
    {
        await using var registry = new TestRegistry { HasReferrersApi = false };
        Digest subject = registry.AddManifest(Repository, "latest", RegistryTesting.EmptyManifest());
        using var client = new RegistryClient(RegistryTesting.Quick);
        Assert.Empty(await client.ListReferrersAsync(registry.Reference(Repository), subject, artifactType: null, RegistryTesting.Token));
    }

    private static async Task<List<string>> AllAsync(RegistryClient client, TestRegistry registry)
    {
        var tags = new List<string>();
        await foreach (string tag in client.ListTagsAsync(registry.Reference(Repository), RegistryTesting.Token))
            tags.Add(tag);
        return tags;
    }
}
