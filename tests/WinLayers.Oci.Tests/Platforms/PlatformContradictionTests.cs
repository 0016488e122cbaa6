using System.Text.Json.Nodes;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Platforms;

/// <summary>Whoever asks an index for one operating system and architecture gets no image whose own configuration says another.</summary>
public sealed class PlatformContradictionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("linux", "amd64")]
    [InlineData("windows", "arm64")]
    [InlineData("", "amd64")]
    [InlineData("windows", "")]
    public async Task Resolve_ConfigurationOfAnotherSystemOrArchitectureThanTheIndexSays_IsRefused(string os, string architecture)
    {
        ManifestException refused = await Assert.ThrowsAsync<ManifestException>(() => ResolveAsync(os, architecture));

        Assert.Equal("WCL7001", refused.Code);
        Assert.Contains("the index calls it windows/amd64", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"its configuration {os}/{architecture}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("windows", "amd64")]
    [InlineData("Windows", "AMD64")]
    public async Task Resolve_ConfigurationThatAgreesWithTheIndex_IsTheImage(string os, string architecture)
    {
        ResolvedImage image = await ResolveAsync(os, architecture);

        Assert.Equal((os, architecture), (image.Platform.Os, image.Platform.Architecture));
    }

    private async Task<ResolvedImage> ResolveAsync(string os, string architecture)
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["store"], Token);
        byte[] config = ImageFixture.Config([ImageFixture.Tar("Files/0.txt", "base")], os: os, architecture: architecture);
        await store.PutAsync(ImageFixture.DigestOf(config), config, Token);
        byte[] manifest = await ImageFixture.PutImageAsync(
            store, "10.0.20348.1", ["base"], change: json => json["config"] = ImageFixture.Descriptor(MediaTypes.OciConfig, config));
        JsonObject entry = ImageFixture.Descriptor(MediaTypes.OciManifest, manifest);
        entry["platform"] = new JsonObject { ["os"] = "windows", ["architecture"] = "amd64" };
        byte[] index = ImageFixture.Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(entry) });
        await store.PutAsync(ImageFixture.DigestOf(index), index, Token);
        await store.Index.SetAsync("index", ImageFixture.Of(MediaTypes.OciIndex, index), Token);
        return await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "index"), request: null, Token);
    }
}
