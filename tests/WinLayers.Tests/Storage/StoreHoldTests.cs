using WinLayers.Oci.Digests;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Storage;

public sealed class StoreHoldTests : IDisposable
{
    private readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("winlayers-").FullName, "store");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string HoldFile => Path.Combine(_root, "roots", "node-1.json");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    [Fact]
    public async Task Hold_KeepsItsLayersAndThoseBelow_UntilItIsReleased()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        StoredLayer[] chain = await MakeChainAsync(store);
        await store.HoldAsync(new StoreHold("node-1", [chain[1].Identity.ChainId]), Stop);

        Assert.Empty(Collect(store));
        StoreHold hold = Assert.Single((await LayerStore.OpenAsync(_root, Stop)).ListHolds());
        Assert.Equal(("node-1", chain[1].Identity.ChainId), (hold.Name, Assert.Single(hold.ChainIds)));

        Assert.True(await store.ReleaseAsync("node-1", Stop));
        Assert.False(await store.ReleaseAsync("node-1", Stop));
        Assert.Equal([chain[1].Folder, chain[0].Folder], Collect(store).Select(item => item.Path));
    }

    [Fact]
    public async Task Hold_AgainUnderItsName_IsReplaced()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        StoredLayer[] chain = await MakeChainAsync(store);
        await store.HoldAsync(new StoreHold("node-1", [chain[1].Identity.ChainId]), Stop);

        await store.HoldAsync(new StoreHold("node-1", [chain[0].Identity.ChainId]), Stop);

        Assert.Equal([chain[1].Folder], Collect(store).Select(item => item.Path));
    }

    [Fact]
    public async Task Hold_KeepsItsBlobs()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest[] blobs = [await PutAsync(store, "held"), await PutAsync(store, "of nobody")];
        await store.HoldAsync(new StoreHold("node-1", [], [blobs[0]]), Stop);

        Assert.Equal([store.Blobs.PathOf(blobs[1])], Collect(store).Select(item => item.Path));
        Assert.Empty((await VerifyAsync(store)).Problems);
    }

    [Fact]
    public async Task Verify_WhatAHoldNeedsIsGone_IsReported()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        await store.HoldAsync(new StoreHold("node-1", [TestLayers.DigestOf("layer")], [TestLayers.DigestOf("blob")]), Stop);

        StoreVerification found = await VerifyAsync(store);

        Assert.Equal(2, found.Problems.Count);
        Assert.All(found.Problems, problem => Assert.Equal(WinLayers.Hosts.LayerProblemKind.Missing, problem.Kind));
        Assert.All(found.Problems, problem => Assert.Contains("'node-1'", problem.Detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"format":"winlayers.hold/1","chainIds":["sha256:short"],"digests":[]}""")]
    [InlineData("""{"format":"winlayers.hold/1","chainIds":[]}""")]
    [InlineData("""{"format":"winlayers.hold/2","what":"nobody knows yet"}""")]
    public async Task DamagedHold_KeepsEverything_AndIsReported(string text)
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        await MakeChainAsync(store);
        Digest blob = await PutAsync(store, "of nobody");
        await File.WriteAllTextAsync(HoldFile, text, Stop);

        CollectedItem kept = Assert.Single(Collect(store));
        Assert.Equal((HoldFile, CollectedKind.Hold), (kept.Path, kept.Kind));
        Assert.IsType<StoreException>(kept.Failure);
        Assert.Equal(2, store.ListLayers().Count);
        Assert.True(store.Blobs.Contains(blob));
        Assert.Throws<StoreException>(() => store.ListHolds());
        Assert.Equal(HoldFile, Assert.Single((await VerifyAsync(store)).Problems).Layer);

        // Whoever made it makes it again, or gives it up.
        await store.HoldAsync(new StoreHold("node-1", []), Stop);
        Assert.Equal(3, Collect(store).Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("UPPER")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("..")]
    [InlineData("a b")]
    public async Task Name_ThatIsNoFileNameEverywhere_IsRefused(string name)
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Assert.Throws<ArgumentException>(() => new StoreHold(name, []));
        Assert.False(await store.ReleaseAsync(name, Stop));
    }

    [Fact]
    public void Name_HasALimit()
    {
        Assert.True(StoreHold.IsName(new string('a', 100)));
        Assert.False(StoreHold.IsName(new string('a', 101)));
    }

    private static IReadOnlyList<CollectedItem> Collect(LayerStore store)
    {
        foreach (string blob in Directory.EnumerateFiles(Path.Combine(store.Root, "blobs"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(blob, DateTime.UtcNow.AddDays(-2));
        return store.Collect(PortableLayerHost.Instance, cancellationToken: Stop).Items;
    }

    private static Task<StoreVerification> VerifyAsync(LayerStore store) =>
        store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Stop);

    private static async Task<Digest> PutAsync(LayerStore store, string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        await store.Blobs.PutAsync(ImageFixture.DigestOf(bytes), bytes, Stop);
        return ImageFixture.DigestOf(bytes);
    }

    private static async Task<StoredLayer[]> MakeChainAsync(LayerStore store)
    {
        LayerIdentity bottom = TestLayers.Identity("bottom"), top = TestLayers.Identity("top") with { ParentChainId = bottom.ChainId };
        return [await MakeAsync(store, bottom), await MakeAsync(store, top)];
    }

    private static async Task<StoredLayer> MakeAsync(LayerStore store, LayerIdentity identity)
    {
        using PendingLayer pending = (await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Stop))!;
        using PortableVolume volume = new(pending.Folder, identity);
        volume.Dir("Files");
        volume.Complete();
        return pending.Commit("portable", identity);
    }
}
