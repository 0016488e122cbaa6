using System.Text.Json.Nodes;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Platforms;

/// <summary>An index chooses by what it says of its images; hosts go by what an image's own configuration says.</summary>
public sealed class PlatformPromiseTests : IDisposable
{
    private const string Listed = "10.0.20348.2031";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Resolve_ConfigurationOfTheVersionThatTheIndexPromised_HasNoWarning()
    {
        ResolvedImage image = await ResolveAsync(Listed, request: null);

        Assert.Equal((Listed, null), (image.Platform.OsVersion, image.Warning));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.20348")]
    public async Task Resolve_ConfigurationOfAnotherVersionThatFits_ReportsItAndWarns(string? wanted)
    {
        ResolvedImage image = await ResolveAsync("10.0.20348.9999", wanted is null ? null : new PlatformRequest { OsVersion = wanted });

        Assert.Equal("10.0.20348.9999", image.Platform.OsVersion);
        Assert.Contains($"the index calls it {Listed}", image.Warning, StringComparison.Ordinal);
        Assert.Contains("10.0.20348.9999", image.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_ConfigurationOfAVersionThatTheHostCannotRun_IsRefused()
    {
        var host = new PlatformRequest { Host = new WindowsVersion(10, 0, 20348, 0) };

        PlatformException refused = await Assert.ThrowsAsync<PlatformException>(() => ResolveAsync("10.0.26100.1", host));

        Assert.Equal("WCL7010", refused.Code);
        Assert.Contains(Listed, refused.Message, StringComparison.Ordinal);
        Assert.Contains("26100", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_ConfigurationOfAnotherVersionThanAsked_IsRefused() =>
        await Assert.ThrowsAsync<PlatformException>(() => ResolveAsync("10.0.17763.1", new PlatformRequest { OsVersion = "10.0.20348" }));

    private async Task<ResolvedImage> ResolveAsync(string configured, PlatformRequest? request)
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["store"], Token);
        JsonObject entry = ImageFixture.Descriptor(MediaTypes.OciManifest, await ImageFixture.PutImageAsync(store, configured, ["base"]));
        entry["platform"] = new JsonObject { ["os"] = "windows", ["architecture"] = "amd64", ["os.version"] = Listed };
        byte[] index = ImageFixture.Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(entry) });
        await store.PutAsync(ImageFixture.DigestOf(index), index, Token);
        await store.Index.SetAsync("index", ImageFixture.Of(MediaTypes.OciIndex, index), Token);
        return await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "index"), request, Token);
    }
}
