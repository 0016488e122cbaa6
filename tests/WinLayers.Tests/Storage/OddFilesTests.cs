using WinLayers.Formats.Names;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Tests.Unpacking;
using WinLayers.Transport;
using WinLayers.Unpacking;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Tests.Storage;

/// <summary>
/// A named pipe that nobody writes to, in the place of any file of a store: every reader tells, and none waits. Whoever waits never ends,
/// so these tests hang where the promise is broken.
/// </summary>
public sealed class OddFilesTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private LayerStore _store = null!;
    private BlobStore _layout = null!;
    private ImageRecord _image = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await LayerStore.OpenAsync(_folder["store"], Stop);
        _layout = await BlobStore.CreateAsync(_folder["layout"], Stop);
        byte[] lower =
            LayerTar.New().Directory("Files").Directory("Hives").File("Files/a.txt", "a").Stream("Files/a.txt", "s", "x").ToArray();
        await UnpackAsync(await UnpackImage.OfAsync(_layout, lower, LayerTar.New().Directory("Files").File("Files/b.txt", "b").ToArray()));
        _image = Assert.Single(_store.ListImages());
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    public static TheoryData<string> FilesOfAStore =>
        ["index.json", "images", "stored.json", "layer.jsonl", "layerchain.json", "Files/b.txt", "streams", "manifest", "layer blob",
            "roots"];

    [Theory]
    [MemberData(nameof(FilesOfAStore))]
    public async Task Pipe_IsNamedByVerify_AndGcAndUnpackEnd(string place)
    {
        string path = PathOf(place);
        Damage.Do(path, "pipe");

        StoreReport found = await new StoreVerifier(_store, PortableLayerHost.Instance).VerifyAsync(cancellationToken: Stop);

        Assert.Contains(found.Problems,
            problem => $"{problem.Where} {problem.Path} {problem.Detail}".Contains(MarkOf(place), StringComparison.Ordinal));
        _store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);
        try
        {
            await UnpackAsync(WinLayers.Oci.Layouts.OciLayoutSource.Open(_layout, "image"));
        }
        catch (Formats.WinLayersException told)
        {
            Assert.StartsWith("WCL5", told.Code, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("layer.jsonl")]
    [InlineData("stored.json")]
    [InlineData("Files/b.txt")]
    public void Pipe_IsAnErrorOfTheView(string place)
    {
        Damage.Do(PathOf(place), "pipe");

        Formats.WinLayersException told = Assert.ThrowsAny<Formats.WinLayersException>(() =>
        {
            using ImageView view = StoredView.Open(_store, "image", _image.Chain[0], PortableLayerHost.Instance)!;
            MergedView files = view.Merge(null, Stop);
            using OpenContent content = files.OpenContent(files.Find(LayerPath.FromValue("Files\\b.txt"))!);
            content.Data.CopyTo(Stream.Null);
        });

        Assert.StartsWith("WCL50", told.Code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("store")]
    [InlineData("images")]
    public async Task Pipe_InThePlaceOfALock_IsAnError(string name)
    {
        string path = Path.Combine(_store.Root, "tmp", "locks", name);
        File.Delete(path);
        Damage.MakePipe(path);

        DiskException told = await Assert.ThrowsAsync<DiskException>(async () =>
        {
            using StoreLease lease = await _store.LeaseAsync(Stop);
            await _store.ForgetImageAsync(_image.ManifestDigest, Stop);
        });

        Assert.Equal(DiskFailure.NotAPlainFile, told.Reason);
    }

    [Fact]
    public async Task Pipe_InThePlaceOfAPartialBlob_IsAnError_AndGcTellsIt()
    {
        Digest blob = TestLayers.DigestOf("a blob");
        Directory.CreateDirectory(Path.Combine(_store.Root, "tmp", "blobs"));
        string partial = Path.Combine(_store.Root, "tmp", "blobs", blob.Hex + ".partial");
        Damage.MakePipe(partial);

        DiskException told = await Assert.ThrowsAsync<DiskException>(() => _store.Blobs.PutAsync(blob, "a blob"u8.ToArray(), Stop));
        Assert.Equal(DiskFailure.NotAPlainFile, told.Reason);
        File.SetLastWriteTimeUtc(partial, DateTime.UtcNow.AddDays(-2));
        Assert.Equal(partial, Assert.Single(_store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items).Path);
    }

    [Fact]
    public void Pipe_InATransportFolder_IsAnError()
    {
        string folder = Directory.CreateDirectory(_folder["transport"]).FullName;
        File.WriteAllBytes(Path.Combine(folder, "Files.$wcidirs$"), new byte[40]);
        Directory.CreateDirectory(Path.Combine(folder, "Files"));
        Damage.MakePipe(Path.Combine(folder, "tombstones.txt"));

        Assert.Equal(DiskFailure.NotAPlainFile,
            Assert.Throws<DiskException>(() => TransportExporter.Export(folder, new MemoryStream())).Reason);
    }

    private Task<UnpackedImage> UnpackAsync(IImageSource source) =>
        new ImageUnpacker(_store, PortableLayerHost.Instance).UnpackAsync(source, imageName: "image", cancellationToken: Stop);

    private string PathOf(string place)
    {
        string layer = Path.Combine(_store.Root, "layers", _image.Chain[0].Hex);
        return place switch
        {
            "index.json" => Path.Combine(_store.Root, place),
            "images" => Path.Combine(_store.Root, place, _image.ManifestDigest.Hex + ".json"),
            "roots" => Path.Combine(_store.Root, place, "a.json"),
            "streams" => Assert.Single(Directory.GetFiles(Path.Combine(_store.Root, "layers", _image.Chain[1].Hex, place))),
            "manifest" => _store.Blobs.PathOf(_image.ManifestDigest),
            "layer blob" => _store.Blobs.PathOf(_store.TryGetLayer(_image.Chain[0])!.Identity.Digest),
            _ => Path.Combine(layer, place),
        };
    }

    private string MarkOf(string place) => place switch
    {
        "manifest" => _image.ManifestDigest.ToString(),
        "layer blob" => "link, a folder or a device",
        "streams" => "a.txt:s",
        "Files/b.txt" => "b.txt",
        _ => PathOf(place) is var path && place is "stored.json" or "layer.jsonl" or "layerchain.json" ? Path.GetFileName(path) : path,
    };
}
