using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Portable;
using WinLayers.Storage;

namespace WinLayers.Tests.Storage;

/// <summary>What a store remembers of names: one digest each, and the images that are here of it.</summary>
public sealed class StoreNameTests : IDisposable
{
    private const string Name = "docker://example.com/app:1";

    private readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("winlayers-").FullName, "store");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string RecordFile => Assert.Single(Directory.GetFiles(Path.Combine(_root, "names")));

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    [Fact]
    public async Task ImagesOfOneRoot_Gather_AndAMovedNameStartsAnew()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        (Digest a, Digest b) = (await PutAsync(store, "a"), await PutAsync(store, "b"));
        Digest root = await PutAsync(store, Index(a, b)), moved = await PutAsync(store, Index(b));

        await store.RecordNameAsync(Name, root, a, Stop);
        await store.RecordNameAsync(Name, root, b, Stop);
        await store.RecordNameAsync(Name, root, image: null, Stop);
        Assert.Equal((root, 2), (store.FindName(Name)!.Root, store.FindName(Name)!.Images.Count));

        await store.RecordNameAsync(Name, moved, b, Stop);
        Assert.Equal([b], store.FindName(Name)!.Images);
        Assert.Null(store.FindName(Name + "2"));
    }

    [Fact]
    public async Task MovedName_IsTakenFromUnpackedImagesOfOtherRoots_AndOtherNamesStay()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        (Digest a, Digest b) = (await PutAsync(store, "a"), await PutAsync(store, "b"));
        await store.RecordImageAsync(new ImageRecord(a, [Name, "other"], []), Stop);
        await store.RecordImageAsync(new ImageRecord(b, [Name], []), Stop);

        await store.RecordNameAsync(Name, await PutAsync(store, Index(b)), b, Stop);

        Assert.Equal(["other"], store.ListImages().Single(image => image.ManifestDigest == a).References);
        Assert.Equal([Name], store.ListImages().Single(image => image.ManifestDigest == b).References);
    }

    [Fact]
    public async Task Collect_KeepsWhatANameHas_WithTheIndexThatLeadsThere()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        (Digest a, Digest b) = (await PutAsync(store, Manifest("a")), await PutAsync(store, Manifest("b")));
        Digest root = await PutAsync(store, Index(a, b));
        await store.RecordNameAsync(Name, root, a, Stop);

        CollectNow(store);
        Assert.Equal((true, true, false), (store.Blobs.Contains(root), store.Blobs.Contains(a), store.Blobs.Contains(b)));

        await store.ForgetNameAsync(Name, Stop);
        CollectNow(store);
        Assert.Empty(store.Blobs.List());
    }

    [Fact]
    public async Task Collect_NameThatIsOnlyRemembered_GoesWithItsDocument_WhateverIsInIt()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest odd = await PutAsync(store, "{ no document"), kept = await PutAsync(store, Manifest("kept"));
        Digest root = await PutAsync(store, Index(odd, kept));
        await store.RecordNameAsync(Name, root, image: null, Stop);
        await store.RecordNameAsync("kept", kept, kept, Stop);

        CollectNow(store);
        Assert.NotNull(store.FindName(Name));

        await store.ForgetNameAsync("kept", Stop);
        CollectNow(store);
        Assert.Empty(store.ListNames());
        Assert.Empty(store.Blobs.List());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"format":"winlayers.name/1","name":"x"}""")]
    [InlineData("""{"format":"winlayers.name/1","name":"x","root":"sha256:1","images":[]}""")]
    [InlineData("")]
    public async Task DamagedRecord_KeepsEverything_AnswersNothing_AndIsHealedByTheNextRecord(string text)
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest image = await PutAsync(store, Manifest("a")), orphan = await PutAsync(store, "orphan");
        await store.RecordNameAsync(Name, image, image, Stop);
        await File.WriteAllTextAsync(RecordFile, text, Stop);

        CollectedItem told = Assert.Single(CollectNow(store).Items);
        Assert.Equal((CollectedKind.Name, true), (told.Kind, told.Failure is StoreException));
        Assert.Throws<StoreException>(() => store.FindName(Name));
        Assert.True(store.Blobs.Contains(orphan));

        await store.RecordNameAsync(Name, image, image, Stop);
        Assert.Equal(image, store.FindName(Name)!.Root);
        CollectNow(store);
        Assert.False(store.Blobs.Contains(orphan));
    }

    [Fact]
    public async Task RecordOfANewerVersion_IsNeverReplaced()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest image = await PutAsync(store, Manifest("a"));
        await store.RecordNameAsync(Name, image, image, Stop);
        await File.WriteAllTextAsync(RecordFile, """{"format":"winlayers.name/2"}""", Stop);

        Assert.True((await Assert.ThrowsAsync<StoreException>(() => store.RecordNameAsync(Name, image, image, Stop))).IsOfNewerVersion);
        Assert.Equal("""{"format":"winlayers.name/2"}""", await File.ReadAllTextAsync(RecordFile, Stop));
    }

    [Fact]
    public async Task CollectNow_WhileSomebodyHoldsALease_IsRefusedWithHisNumber()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest orphan = await PutAsync(store, "orphan");
        StoreLease first = await store.LeaseAsync(Stop), second = await store.LeaseAsync(Stop);
        first.Dispose();

        StoreBusyException busy = Assert.Throws<StoreBusyException>(() => CollectNow(store));
        Assert.Contains($"{Environment.ProcessId}", Assert.Single(busy.Users), StringComparison.Ordinal);
        Assert.True(store.Blobs.Contains(orphan));

        second.Dispose();
        StoreCollection done = CollectNow(store);
        Assert.Equal((6, 0), (done.Bytes, done.Kept));
    }

    [Fact]
    public async Task Collect_TellsWhatIsKeptForItsDay()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        await PutAsync(store, "orphan");

        StoreCollection done = store.Collect(PortableLayerHost.Instance, new CollectOptions(), Stop);

        Assert.Equal((0, 1, 6L), (done.Items.Count, done.Kept, done.KeptBytes));
    }

    private static StoreCollection CollectNow(LayerStore store) =>
        store.Collect(PortableLayerHost.Instance, new CollectOptions { Now = true }, Stop);

    private static async Task<Digest> PutAsync(LayerStore store, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        await store.Blobs.PutAsync(ContentHash.Of(bytes), bytes, Stop);
        return ContentHash.Of(bytes);
    }

    private static string Manifest(string text)
    {
        Digest config = ContentHash.Of(Encoding.UTF8.GetBytes(text));
        return $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"text/plain","digest":"{{config}}","size":1},"layers":[]}""";
    }

    private static string Index(params Digest[] images) =>
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{string.Join(',', images.Select(
            image => $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{image}}","size":1}"""))}}]}""";
}
