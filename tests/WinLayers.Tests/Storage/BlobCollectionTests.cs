using System.Text;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;

namespace WinLayers.Tests.Storage;

public sealed class BlobCollectionTests : IDisposable
{
    private readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("winlayers-").FullName, "store");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    [Fact]
    public async Task Collect_BlobsOfListedAndRecordedImages_StayAndTheRestGoes()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest[] listed = await PutImageAsync(store, "listed"), recorded = await PutImageAsync(store, "recorded"), forgotten =
            await PutImageAsync(store, "forgotten");
        Digest index = await PutAsync(store, $$"""{"schemaVersion":2,"manifests":[{{DescriptorOf(listed[0])}}]}""");
        await store.Blobs.Index.SetAsync("listed", new Descriptor { MediaType = MediaTypes.OciIndex, Digest = index, Size = 1 }, Stop);
        await store.RecordImageAsync(new ImageRecord(recorded[0], ["recorded"], []), Stop);
        Age(store);

        StoreCollection told = store.Collect(PortableLayerHost.Instance, dryRun: true, Stop);
        Assert.All(forgotten, digest => Assert.True(store.Blobs.Contains(digest)));
        StoreCollection done = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        Assert.Equal(told.Items, done.Items);
        Assert.Equal(forgotten.Select(store.Blobs.PathOf).Order(StringComparer.Ordinal), done.Items.Select(item => item.Path));
        Assert.All(done.Items, item => Assert.Equal((CollectedKind.Blob, null), (item.Kind, item.Failure)));
        Assert.All([index, .. listed, .. recorded], digest => Assert.True(store.Blobs.Contains(digest)));
        Assert.All(forgotten, digest => Assert.False(store.Blobs.Contains(digest)));
    }

    [Fact]
    public async Task Collect_BlobThatIsNewOrLeased_Stays()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest blob = await PutAsync(store, "of nobody");
        Assert.Empty(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items);
        Age(store);
        using (await store.LeaseAsync(Stop))
            Assert.True(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop) is { IsBusy: true, Items.Count: 0 });
        Assert.True(store.Blobs.Contains(blob));
        Assert.Single(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items);
        Assert.False(store.Blobs.Contains(blob));
    }

    [Theory]
    [InlineData("index.json")]
    [InlineData("manifest")]
    public async Task Collect_WhatLeadsToBlobsIsDamaged_EveryBlobStays(string damaged)
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest[] image = await PutImageAsync(store, "a");
        Digest other = await PutAsync(store, "of nobody");
        await store.Blobs.Index.SetAsync("a", new Descriptor { MediaType = MediaTypes.OciManifest, Digest = image[0], Size = 1 }, Stop);
        string path = damaged == "manifest" ? store.Blobs.PathOf(image[0]) : Path.Combine(_root, damaged);
        File.WriteAllText(path, damaged == "manifest" ? "{}" : "{");
        Age(store);

        StoreCollection done = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        Assert.NotNull(Assert.Single(done.Items).Failure);
        Assert.All([other, .. image], digest => Assert.True(store.Blobs.Contains(digest)));
    }

    [Fact]
    public async Task Collect_PartialBlobs_GoWhenTheyAreOldAndNobodyHoldsThem()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        string young = await PartialAsync(store, "young"), old = await PartialAsync(store, "old");
        Descriptor heldBlob = BlobOf("held");
        await using BlobWriter held = (await store.Blobs.BeginWriteAsync(heldBlob, Stop))!;
        held.Write("he"u8);
        string heldPath = Path.Combine(_root, "tmp", "blobs", heldBlob.Digest.Hex + ".partial");
        foreach (string path in (string[])[old, heldPath])
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-2));

        StoreCollection done = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        Assert.Equal((old, CollectedKind.PartialBlob), Assert.Single(done.Items.Select(item => (item.Path, item.Kind))));
        Assert.Equal((true, false, true), (File.Exists(young), File.Exists(old), File.Exists(heldPath)));
        held.Write("ld"u8);
        held.Commit();
        Assert.True(store.Blobs.Contains(heldBlob.Digest));
    }

    [Fact]
    public async Task Collect_DocumentsThatNeverGotTheirPlace_GoWhenTheyAreOld()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        string[] left = [Path.Combine(_root, "images", ".a.json.x1y2"), Path.Combine(_root, "tmp", "index.json.0123")];
        foreach (string path in left)
            File.WriteAllText(path, "{");
        Assert.Empty(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items);
        foreach (string path in left.Append(Path.Combine(_root, "tmp", "index.lock")))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-2));
        Assert.Equal(left.Order(), store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items.Select(item => item.Path).Order());
        Assert.All(left, path => Assert.False(File.Exists(path)));
        Assert.True(File.Exists(Path.Combine(_root, "tmp", "index.lock")));
    }

    // The manifest, its config and its layer.
    private static async Task<Digest[]> PutImageAsync(LayerStore store, string name)
    {
        Digest config = await PutAsync(store, $$"""{"name":"{{name}}"}"""), layer = await PutAsync(store, "layer of " + name);
        Digest manifest = await PutAsync(store, $$"""{"schemaVersion":2,"config":{{DescriptorOf(config)}},"layers":[{{DescriptorOf(layer)}}]}""");
        return [manifest, config, layer];
    }

    private static string DescriptorOf(Digest digest) => $$"""{"mediaType":"x/y","digest":"{{digest}}","size":1}""";

    private static async Task<Digest> PutAsync(LayerStore store, string text)
    {
        Digest digest = TestLayers.DigestOf(text);
        await store.Blobs.PutAsync(digest, Encoding.UTF8.GetBytes(text), Stop);
        return digest;
    }

    private static Descriptor BlobOf(string text) => new() { MediaType = "x/y", Digest = TestLayers.DigestOf(text), Size = text.Length };

    private async Task<string> PartialAsync(LayerStore store, string text)
    {
        Descriptor blob = BlobOf(text);
        await using (BlobWriter writer = (await store.Blobs.BeginWriteAsync(blob, Stop))!)
            writer.Write("x"u8);
        return Path.Combine(_root, "tmp", "blobs", blob.Digest.Hex + ".partial");
    }

    private static void Age(LayerStore store)
    {
        foreach ((Digest digest, _) in store.Blobs.List())
            File.SetLastWriteTimeUtc(store.Blobs.PathOf(digest), DateTime.UtcNow.AddDays(-2));
    }
}
