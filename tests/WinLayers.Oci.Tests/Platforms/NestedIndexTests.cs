using System.Text.Json.Nodes;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Platforms;

/// <summary>How deep indexes may lie in each other, and how many there may be.</summary>
public sealed class NestedIndexTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task Resolve_IndexesInIndexes_HaveADeepestLevel(int levels, bool isGood)
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["store"], Token);
        JsonObject entry = await ImageAsync(store);
        for (int level = 0; level < levels; level++)
            entry = await IndexAsync(store, entry);

        await CheckAsync(store, await IndexAsync(store, entry), isGood);
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public async Task Resolve_IndexesBesideEachOther_HaveAGreatestNumber(int nested, bool isGood)
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["store"], Token);
        List<JsonObject> entries = [await ImageAsync(store)];
        JsonObject empty = await IndexAsync(store);
        for (int i = 0; i < nested; i++)
            entries.Add((JsonObject)empty.DeepClone());

        await CheckAsync(store, await IndexAsync(store, [.. entries]), isGood);
    }

    private static async Task CheckAsync(BlobStore store, JsonObject root, bool isGood)
    {
        var digest = Digest.Parse((string)root["digest"]!);
        var descriptor = new Descriptor { MediaType = MediaTypes.OciIndex, Digest = digest, Size = (int)root["size"]! };
        await store.Index.SetAsync("index", descriptor, Token);
        IImageSource source = OciLayoutSource.Open(store, "index");
        Task<ResolvedImage> image = ImageResolver.ResolveAsync(source, request: null, Token);
        if (isGood)
            Assert.Equal("10.0.20348.1", (await image).Platform.OsVersion);
        else
            Assert.Equal("WCL7001", (await Assert.ThrowsAsync<ManifestException>(() => image)).Code);
    }

    private static async Task<JsonObject> ImageAsync(BlobStore store)
    {
        byte[] manifest = await ImageFixture.PutImageAsync(store, "10.0.20348.1", ["base"]);
        JsonObject entry = ImageFixture.Descriptor(MediaTypes.OciManifest, manifest);
        entry["platform"] = new JsonObject { ["os"] = "windows", ["architecture"] = "amd64" };
        return entry;
    }

    private static async Task<JsonObject> IndexAsync(BlobStore store, params JsonObject[] entries)
    {
        byte[] index = ImageFixture.Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray([.. entries]) });
        await store.PutAsync(ImageFixture.DigestOf(index), index, Token);
        return ImageFixture.Descriptor(MediaTypes.OciIndex, index);
    }
}
