using System.Security.Cryptography;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Unpacking;

namespace WinLayers.Tests.Unpacking;

/// <summary>Two images over one base, whose layers link to each other's files; every class of damage to every class of file.</summary>
public sealed class StoreRepairerTests : IAsyncLifetime
{
    private const string Reference = "image";

    private readonly TemporaryFolder _folder = new();
    private LayerStore _store = null!;
    private BlobStore _layout = null!;
    private ImageRecord _image = null!;
    private ImageRecord _other = null!;
    private Dictionary<string, string> _whole = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static RepairOptions Options => new()
    {
        OpenSource = (reference, _) => Task.FromResult<IImageSource>(OciLayoutSource.Open(LayoutReference.Parse(reference))),
        NameOf = reference => reference,
        ReferenceOf = name => name,
    };

    public static TheoryData<string, string> EveryDamage
    {
        get
        {
            TheoryData<string, string> all = [];
            string[] files =
            [
                "oci-layout", "index.json", "image record", "manifest", "configuration", "layer blob", "base/stored.json",
                "base/layer.jsonl", "base/Files/a.txt", "base/streams", "middle/stored.json", "middle/layer.jsonl",
                    "middle/layerchain.json",
                "middle/Files/link.txt", "top/Files/link2.txt", "top/layerchain.json", "base", "middle",
            ];
            foreach (string file in files)
            {
                foreach (string damage in (string[])["missing", "empty", "cut", "flipped", "flipped in place", "link", "pipe", "folder"])
                {
                    // An image that has no record was never unpacked, as far as anybody can tell: unpacking it again writes one.
                    bool isTold = (file, damage) != ("image record", "missing");
                    bool isOfFolders = damage is "missing" or "empty" or "pipe" or "folder";
                    if (isTold && (file is not ("base" or "middle") || isOfFolders))
                        all.Add(file, damage);
                }
            }

            return all;
        }
    }

    public async ValueTask InitializeAsync()
    {
        byte[] lower =
            LayerTar.New().Directory("Files").Directory("Hives").File("Files/a.txt", "shared").Stream("Files/a.txt", "s", "stream")
            .File("Files/own.txt", "own").ToArray();
        byte[] middle = LayerTar.New().Directory("Files").HardLink("Files/link.txt", "Files/a.txt").File("Files/m.txt", "middle").ToArray();
        byte[] upper =
            LayerTar.New().Directory("Files").HardLink("Files/link2.txt", "Files/link.txt").HardLink("Files/m2.txt", "Files/m.txt")
            .ToArray();
        byte[] beside = LayerTar.New().Directory("Files").HardLink("Files/beside.txt", "Files/a.txt").ToArray();
        _layout = await BlobStore.CreateAsync(_folder["layout"], Stop);
        _store = await LayerStore.OpenAsync(_folder["store"], Stop);
        _image = await UnpackAsync(lower, middle, upper);
        _other = await UnpackAsync(lower, beside);
        Assert.Empty(await ProblemsAsync());
        _whole = Content();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(EveryDamage))]
    public async Task Repair_MakesTheStoreWhatItWas(string file, string damage)
    {
        string path = PathOf(file);
        Damage.Do(path, damage);

        LayerStore store = await StoreRepairer.OpenAsync(_store.Root, Stop);
        RepairReport done = await new StoreRepairer(store, PortableLayerHost.Instance, Options).RepairAsync(images: null, Stop);

        // The file that says that it is a store is mended by opening it.
        Assert.All(done.Items, item => Assert.Null(item.Failure));
        Assert.Equal(file == "oci-layout", done.Items.Count == 0);
        Assert.Empty(await ProblemsAsync());
        Assert.Equal(_whole, Content());
        Assert.Equal(2, store.ListImages().Count);
        Assert.DoesNotContain(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items, item => item.Failure is not null);
        Assert.Equal(_whole, Content());
        Assert.Empty((await new StoreRepairer(store, PortableLayerHost.Instance, Options).RepairAsync(images: null, Stop)).Items);
    }

    [Theory]
    [InlineData("base/Files/a.txt", "flipped in place")]
    [InlineData("base/Files/a.txt", "missing")]
    [InlineData("middle/layer.jsonl", "cut")]
    [InlineData("base/stored.json", "flipped")]
    public async Task Repair_OfOneImage_AlsoMendsLayersOfOthersThatStandOnWhatWasMadeAgain(string file, string damage)
    {
        Damage.Do(PathOf(file), damage);

        RepairReport done = await new StoreRepairer(_store, PortableLayerHost.Instance, Options)
            .RepairAsync(image => image.ManifestDigest == _image.ManifestDigest, Stop);

        Assert.Equal(1, done.Images);
        Assert.Empty(await ProblemsAsync());
        Assert.Equal(_whole, Content());
    }

    [Theory]
    [InlineData("base/stored.json", "flipped")]
    [InlineData("base/stored.json", "missing")]
    [InlineData("base/layer.jsonl", "cut")]
    [InlineData("base/Files/a.txt", "cut")]
    [InlineData("middle/Files/m.txt", "missing")]
    [InlineData("middle/Files/m.txt", "pipe")]
    [InlineData("base", "missing")]
    public async Task UnpackAgain_MendsWhatShowsWithoutReadingFiles_AndTellsIt(string file, string damage)
    {
        Damage.Do(PathOf(file), damage);

        UnpackedImage done = await new ImageUnpacker(_store, PortableLayerHost.Instance)
            .UnpackAsync(OciLayoutSource.Open(LayoutReference.Parse(_image.References[0])), imageName: _image.References[0],
                cancellationToken: Stop);

        Assert.NotEmpty(done.Repaired);
        Assert.Empty(await ProblemsAsync());
        Assert.Equal(_whole, Content());
    }

    [Fact]
    public async Task Repair_WithoutBlobAndSource_LeavesTheLayerAsItIs_AndSaysWhy()
    {
        Damage.Do(PathOf("layer blob"), "missing");
        Damage.Do(PathOf("base/Files/own.txt"), "flipped");
        Dictionary<string, string> before = Content();

        RepairReport done = await new StoreRepairer(_store, PortableLayerHost.Instance).RepairAsync(images: null, Stop);

        Assert.Equal([RepairedKind.Blob, RepairedKind.Layer], done.Items.Select(item => item.Kind));
        Assert.All(done.Items, item => Assert.Equal(BlobStoreFailure.Missing, Assert.IsType<BlobStoreException>(item.Failure).Reason));
        Assert.Equal(before, Content());
        Assert.Empty(Directory.GetDirectories(Path.Combine(_store.Root, "tmp"), "layer-*"));
    }

    [Fact]
    public async Task Repair_LayersThatAHoldAloneNeeds_AreMadeAgainFromWhatTheyThemselvesSay()
    {
        await _store.HoldAsync(new StoreHold("held", [_image.Chain[0]], [.. _store.Blobs.List().Select(blob => blob.Digest)]), Stop);
        await _store.ForgetImageAsync(_image.ManifestDigest, Stop);
        await _store.Blobs.Index.RemoveAsync(_image.ManifestDigest, Stop);
        Dictionary<string, string> before = Content();
        Damage.Do(PathOf("middle/Files/m.txt"), "flipped in place");

        RepairReport done = await new StoreRepairer(_store, PortableLayerHost.Instance, Options).RepairAsync(images: null, Stop);

        Assert.Contains(done.Items, item => item is { Kind: RepairedKind.Layer, Failure: null });
        Assert.Empty(await ProblemsAsync());
        Assert.Equal(before, Content());
    }

    [Fact]
    public async Task Repair_RecordOfANewerVersion_IsKept_AndTold()
    {
        string record = PathOf("image record");
        File.WriteAllText(record, """{"format":"winlayers.image/2"}""");

        RepairReport done = await new StoreRepairer(_store, PortableLayerHost.Instance, Options).RepairAsync(images: null, Stop);

        RepairedItem item = Assert.Single(done.Items);
        Assert.True(Assert.IsType<StoreException>(item.Failure).IsOfNewerVersion);
        Assert.Equal("""{"format":"winlayers.image/2"}""", File.ReadAllText(record));
    }

    [Fact]
    public async Task Repair_StoppedBetweenTwoLinks_IsFinishedByTheNext()
    {
        // As a killed run leaves it: the base is another, one of two names is linked again, and a name is on its way.
        string link = PathOf("middle/Files/link.txt");
        File.Copy(link, link + ".copy");
        File.Move(link + ".copy", link, overwrite: true);
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(link)!, ".relinked"), "left");

        await new StoreRepairer(_store, PortableLayerHost.Instance, Options).RepairAsync(images: null, Stop);

        Assert.Empty(await ProblemsAsync());
        Assert.Equal(_whole, Content());
    }

    /// <summary>What a damaged record of a name has kept is not known any more, so every image that it may have kept stays.</summary>
    [Theory]
    [InlineData("cut")]
    [InlineData("empty")]
    [InlineData("pipe")]
    [InlineData("folder")]
    public async Task Repair_DamagedName_IsForgotten_AndWhatItKeptStays(string damage)
    {
        // As of an index whose images were pulled one after the other: the list has the last one alone.
        string reference = _other.References[0];
        await _store.RecordNameAsync(reference, _other.ManifestDigest, _other.ManifestDigest, Stop);
        await _store.ForgetImageAsync(_image.ManifestDigest, Stop);
        await _store.Blobs.Index.RemoveAsync(_image.ManifestDigest, Stop);
        await _store.RecordNameAsync("docker://example.com/image:1", _image.ManifestDigest, _image.ManifestDigest, Stop);
        string file = _store.FileOf(_store.FindName("docker://example.com/image:1")!);
        Damage.Do(file, damage);

        RepairReport done = await new StoreRepairer(_store, PortableLayerHost.Instance, Options).RepairAsync(images: null, Stop);

        Assert.Contains(done.Items, item => item is { Kind: RepairedKind.Name, Failure: null } && item.Where == file);
        Assert.Empty(await ProblemsAsync());
        Assert.Null(_store.FindName("docker://example.com/image:1"));
        Assert.Contains(_store.Blobs.Index.Read().Manifests, entry => entry.Digest == _image.ManifestDigest);
    }

    private async Task<ImageRecord> UnpackAsync(params byte[][] tars)
    {
        IImageSource made = await UnpackImage.OfAsync(_layout, tars);
        Digest digest = (await made.GetManifestAsync(null, Stop)).Digest;
        string name = $"oci:{_layout.Root}@{digest}";
        await new ImageUnpacker(_store, PortableLayerHost.Instance).UnpackAsync(
            OciLayoutSource.Open(LayoutReference.Parse(name)), imageName: name, cancellationToken: Stop);
        return Assert.Single(_store.ListImages(), image => image.ManifestDigest == digest);
    }

    private async Task<IReadOnlyList<StoreProblem>> ProblemsAsync() =>
        (await new StoreVerifier(await LayerStore.OpenAsync(_store.Root, Stop), PortableLayerHost.Instance)
            .VerifyAsync(cancellationToken: Stop)).Problems;

    private string PathOf(string file)
    {
        string layers = Path.Combine(_store.Root, "layers");
        string Layer(int position) => Path.Combine(layers, _image.Chain[^(position + 1)].Hex);
        Digest manifest = _image.ManifestDigest;
        return file switch
        {
            "oci-layout" or "index.json" => Path.Combine(_store.Root, file),
            "image record" => Path.Combine(_store.Root, "images", manifest.Hex + ".json"),
            "manifest" => _store.Blobs.PathOf(manifest),
            "configuration" => _store.Blobs.PathOf(ConfigOf(manifest)),
            "layer blob" => _store.Blobs.PathOf(_store.TryGetLayer(_image.Chain[^1])!.Identity.Digest),
            "base/streams" => Assert.Single(Directory.GetFiles(Path.Combine(Layer(0), "streams"))),
            _ => file.Split('/', 2) switch
            {
                [var layer] => Layer(layer == "base" ? 0 : 1),
                [var layer, var name] => Path.Combine(Layer(layer == "base" ? 0 : layer == "middle" ? 1 : 2), name),
                _ => throw new ArgumentException(file, nameof(file)),
            },
        };
    }

    private Digest ConfigOf(Digest manifest) =>
        BlobRepair.ReadStoredAsync(_store.Blobs, manifest, Stop).GetAwaiter().GetResult()!.Manifest.Config.Digest;

    // Every file with its bytes, but for the counts that a layer's record loses where it is written anew.
    private Dictionary<string, string> Content()
    {
        string temporary = Path.Combine(_store.Root, "tmp");
        return Directory.EnumerateFileSystemEntries(_store.Root, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(temporary, StringComparison.Ordinal) && !path.EndsWith(".else", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetRelativePath(_store.Root, path), TextOf, StringComparer.Ordinal);
    }

    private static string TextOf(string path) =>
        Directory.Exists(path) ? "folder" : Path.GetFileName(path) is "stored.json" or "index.json" ? "record"
            : new FileInfo(path).LinkTarget is not null ? "link" : Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
