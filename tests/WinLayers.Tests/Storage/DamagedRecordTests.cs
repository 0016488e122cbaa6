using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Storage;

/// <summary>A record that is damaged or gone stops neither a collection nor the next unpacking.</summary>
public sealed class DamagedRecordTests : IDisposable
{
    private readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("winlayers-").FullName, "store");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"format":"winlayers.stored/2"}""")]
    [InlineData("""{"format":"winlayers.stored/1","diffId":5}""")]
    public async Task Collect_LayerWithADamagedRecord_IsReportedAndTheRestGoes(string record)
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        StoredLayer damaged = await MakeAsync(store, "a"), other = await MakeAsync(store, "b");
        await File.WriteAllTextAsync(Path.Combine(damaged.Folder, "stored.json"), record, Stop);

        StoreCollection done = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        Assert.Equal([(damaged.Folder, false), (other.Folder, true)], done.Items.Select(item => (item.Path, item.Failure is null)));
        string told = done.Items[0].Failure!.Message;
        Assert.Equal(1, told.Split(damaged.Folder).Length - 1);
        Assert.DoesNotContain("BytePositionInLine", told, StringComparison.Ordinal);
        Assert.Equal((true, false), (Directory.Exists(damaged.Folder), Directory.Exists(other.Folder)));
    }

    [Fact]
    public async Task Collect_DamagedRecordOfAnImage_IsReportedAndLayersStay_LeftoversGo()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        StoredLayer layer = await MakeAsync(store, "a");
        string record = Path.Combine(_root, "images", new string('a', 64) + ".json"), leftover = Path.Combine(_root, "tmp", "removed-1");
        await File.WriteAllTextAsync(record, "{", Stop);
        Directory.CreateDirectory(leftover);

        StoreCollection done = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        Assert.Equal([(leftover, CollectedKind.Leftover, true), (record, CollectedKind.ImageRecord, false)],
            done.Items.Select(item => (item.Path, item.Kind, item.Failure is null)));
        Assert.True(Directory.Exists(layer.Folder));
    }

    [Fact]
    public async Task Collect_FolderWithoutARecord_GoesUnlessLeasedOrNeeded()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        StoredLayer orphan = await MakeAsync(store, "a"), needed = await MakeAsync(store, "b");
        await store.Blobs.PutAsync(TestLayers.DigestOf("m"), "m"u8.ToArray(), Stop);
        await store.RecordImageAsync(new ImageRecord(TestLayers.DigestOf("m"), ["m"], [needed.Identity.ChainId]), Stop);
        foreach (StoredLayer layer in (StoredLayer[])[orphan, needed])
            File.Delete(Path.Combine(layer.Folder, "stored.json"));

        using (await store.LeaseAsync(Stop))
            Assert.Empty(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items);
        Assert.True(Directory.Exists(orphan.Folder));
        StoreCollection done = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        Assert.Equal(
            ((string, bool)[])[.. new[] { (orphan.Folder, true), (needed.Folder, false) }.OrderBy(item => item.Item1,
                StringComparer.Ordinal)],
            done.Items.Select(item => (item.Path, item.Failure is null)));
        Assert.Equal((false, true), (Directory.Exists(orphan.Folder), Directory.Exists(needed.Folder)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{")]
    public async Task BeginLayer_FolderWithoutAUsableRecord_IsMovedAsideAndMadeAnew(string? record)
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        StoredLayer broken = await MakeAsync(store, "a");
        string path = Path.Combine(broken.Folder, "stored.json");
        if (record is null)
            File.Delete(path);
        else
            await File.WriteAllTextAsync(path, record, Stop);
        Assert.Throws<StoreException>(() => store.TryGetLayer(broken.Identity.ChainId));

        StoredLayer again = await MakeAsync(store, "a");

        Assert.Equal(again, store.TryGetLayer(broken.Identity.ChainId));
        string aside = Assert.Single(Directory.GetDirectories(Path.Combine(_root, "tmp"), "removed-*"));
        Assert.True(File.Exists(Path.Combine(aside, Path.GetFileName(broken.Folder), "layer.jsonl")));
        Assert.Equal(aside, store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items[0].Path);
        Assert.False(Directory.Exists(aside));
    }

    [Fact]
    public async Task RecordImage_OverADamagedRecord_HealsIt()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        var image = new ImageRecord(TestLayers.DigestOf("m"), ["m"], [TestLayers.DigestOf("l")]);
        await store.RecordImageAsync(image, Stop);
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(Path.Combine(_root, "images"))), "[", Stop);
        Assert.Throws<StoreException>(() => store.ListImages());

        await store.RecordImageAsync(image, Stop);

        Assert.Equal(image.ManifestDigest, Assert.Single(store.ListImages()).ManifestDigest);
    }

    private static async Task<StoredLayer> MakeAsync(LayerStore store, string name)
    {
        LayerIdentity identity = TestLayers.Identity(name);
        using PendingLayer pending = (await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Stop))!;
        using (PortableVolume volume = new(pending.Folder, identity))
        {
            volume.Dir("Files").File("Files\\a.txt", name);
            volume.Complete();
        }

        return pending.Commit("portable", identity);
    }
}
