using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Tests.Unpacking;
using WinLayers.Unpacking;

namespace WinLayers.Tests.Storage;

/// <summary>Damage on the way from a root to layers and blobs keeps all of them, and is told.</summary>
public sealed class DamageKeepsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private LayerStore _store = null!;
    private Digest _manifest;
    private string[] _whole = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await LayerStore.OpenAsync(_folder["store"], Stop);
        BlobStore layout = await BlobStore.CreateAsync(_folder["layout"], Stop);
        IImageSource source = await UnpackImage.OfAsync(layout, OfFiles("Files/a.txt", "a"), OfFiles("Files/b.txt", "b"));
        _manifest = (await new ImageUnpacker(_store, PortableLayerHost.Instance)
            .UnpackAsync(source, imageName: "image", cancellationToken: Stop)).ManifestDigest;
        await _store.Blobs.PutAsync(TestLayers.DigestOf("of nobody"), "of nobody"u8.ToArray(), Stop);
        foreach ((Digest digest, _) in _store.Blobs.List())
            File.SetLastWriteTimeUtc(_store.Blobs.PathOf(digest), DateTime.UtcNow.AddDays(-2));
        _whole = Content();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("manifest", "empty")]
    [InlineData("manifest", "flipped")]
    [InlineData("manifest", "missing")]
    [InlineData("manifest", "link")]
    [InlineData("manifest", "pipe")]
    [InlineData("manifest", "folder")]
    [InlineData("index.json", "empty")]
    [InlineData("index.json", "flipped")]
    [InlineData("index.json", "missing")]
    [InlineData("index.json", "link")]
    [InlineData("index.json", "pipe")]
    [InlineData("index.json", "folder")]
    [InlineData("image record", "empty")]
    [InlineData("image record", "flipped")]
    [InlineData("image record", "link")]
    [InlineData("image record", "pipe")]
    [InlineData("image record", "folder")]
    public async Task Collect_DamagedDocument_KeepsEverything_AndIsTold(string document, string damage)
    {
        string path = PathOf(document);
        Damage.Do(path, damage);

        StoreCollection done = (await LayerStore.OpenAsync(_store.Root, Stop)).Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        CollectedItem told = Assert.Single(done.Items);
        Assert.Equal((path, false), (told.Path, told.Failure is null));
        Assert.Equal(_whole.Where(file => file != path), Content().Where(file => file != path));
    }

    [Fact]
    public async Task Collect_ImageThatIsListedAndLostItsRecord_KeepsItsLayersAndBlobs()
    {
        File.Delete(PathOf("image record"));

        StoreCollection done = (await LayerStore.OpenAsync(_store.Root, Stop)).Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        CollectedItem gone = Assert.Single(done.Items);
        Assert.Equal((_store.Blobs.PathOf(TestLayers.DigestOf("of nobody")), null), (gone.Path, gone.Failure));
        Assert.Equal(2, _store.ListLayers().Count);
    }

    [Fact]
    public async Task Collect_HeldLayerWithADamagedRecord_KeepsWhatMayLieBelow()
    {
        Digest[] chain = [.. Assert.Single(_store.ListImages()).Chain];
        await _store.HoldAsync(new StoreHold("held", [chain[0]]), Stop);
        await _store.ForgetImageAsync(_manifest, Stop);
        await _store.Blobs.Index.RemoveAsync(_manifest, Stop);
        string record = Path.Combine(_store.Root, "layers", chain[0].Hex, "stored.json");
        File.WriteAllText(record, "");

        StoreCollection done = _store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        Assert.Equal(Path.GetDirectoryName(record), Assert.Single(done.Items, item => item.Failure is not null).Path);
        Assert.NotNull(_store.TryGetLayer(chain[1]));
    }

    [Fact]
    public async Task Collect_ManifestOfAListedIndexIsGone_KeepsEverything()
    {
        string text = $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{TestLayers.DigestOf("lost")}}","size":4}]}""";
        Digest index = TestLayers.DigestOf(text);
        await _store.Blobs.PutAsync(index, System.Text.Encoding.UTF8.GetBytes(text), Stop);
        await _store.Blobs.Index.SetAsync("i", new Descriptor { MediaType = MediaTypes.OciIndex, Digest = index, Size = text.Length },
            Stop);

        StoreCollection done = _store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);

        Assert.Equal(_store.Blobs.PathOf(TestLayers.DigestOf("lost")), Assert.Single(done.Items).Path);
        Assert.True(_store.Blobs.Contains(TestLayers.DigestOf("of nobody")));
    }

    private static byte[] OfFiles(string name, string text) =>
        LayerTar.New().Directory("Files").Directory("Hives").File(name, text).ToArray();

    private string PathOf(string document) => document switch
    {
        "manifest" => _store.Blobs.PathOf(_manifest),
        "image record" => Path.Combine(_store.Root, "images", _manifest.Hex + ".json"),
        _ => Path.Combine(_store.Root, document),
    };

    private string[] Content() =>
    [
        .. Directory.EnumerateFileSystemEntries(_store.Root, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Path.Combine(_store.Root, "tmp"), StringComparison.Ordinal)
                && !path.EndsWith(".else", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];
}
