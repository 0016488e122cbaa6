using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using WinLayers.Formats;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Content;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Archives;

public sealed class OciArchiveTests : IDisposable
{
    private const string Marker = """{"imageLayoutVersion":"1.0.0"}""";

    private static readonly byte[] Layer = TestBytes.Compress(ImageFixture.Tar("Files/a.txt", "a"));
    private static readonly byte[] Config = ImageFixture.Config([ImageFixture.Tar("Files/a.txt", "a")]);
    private static readonly byte[] Manifest = ImageFixture.Bytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciManifest,
        ["config"] = ImageFixture.Descriptor(MediaTypes.OciConfig, Config),
        ["layers"] = new JsonArray(ImageFixture.Descriptor(MediaTypes.OciLayerGZip, Layer)),
    });

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Copy_OfAnIndex_IsWholeAndTheSameBytesEveryTime()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["s"], Token);
        byte[] one = await ImageFixture.PutImageAsync(store, "10.0.20348.1", ["one", "two"]);
        byte[] other = await ImageFixture.PutImageAsync(store, "10.0.17763.1", ["three", "one"]);
        byte[] index = ImageFixture.Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JsonArray(
                ImageFixture.Descriptor(MediaTypes.OciManifest, one), ImageFixture.Descriptor(MediaTypes.OciManifest, other)),
        });
        await store.PutAsync(ImageFixture.DigestOf(index), index, Token);
        await store.Index.SetAsync("x", ImageFixture.Of(MediaTypes.OciIndex, index), Token);
        for (int atOnce = 1; atOnce <= 4; atOnce += 3)
        {
            await using OciArchiveTarget target =
                await OciArchiveTarget.OpenAsync(Reference($"{atOnce}.tar:v1"), cancellationToken: Token);
            await ImageCopier.CopyAsync(OciLayoutSource.Open(store, "x"), target,
                new CopyOptions { AllPlatforms = true, BlobsAtOnce = atOnce }, progress: null, Token);
        }

        Assert.Equal(await File.ReadAllBytesAsync(_folder["1.tar"], Token), await File.ReadAllBytesAsync(_folder["4.tar"], Token));
        Assert.Equal(["1.tar", "4.tar", "s"],
            Directory.EnumerateFileSystemEntries(_folder.FolderPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await using OciArchiveSource source = await OciArchiveSource.OpenAsync(Reference("1.tar:v1"), Token);
        OciLayoutTarget back = await OciLayoutTarget.OpenAsync(LayoutReference.Parse($"oci:{_folder["back"]}:v1"), Token);
        CopyResult result = await ImageCopier.CopyAsync(source, back, new CopyOptions { AllPlatforms = true }, progress: null, Token);
        Assert.Equal((ImageFixture.DigestOf(index), MediaTypes.OciIndex), (result.Root.Digest, result.Root.MediaType));
        Assert.Equal(store.List().Select(blob => $"{blob}").Order(StringComparer.Ordinal),
            BlobStore.Open(_folder["back"]).List().Select(blob => $"{blob}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Target_WritesWhatALayoutIs_MarkerAndIndexFirst()
    {
        await using (OciArchiveTarget target = await OciArchiveTarget.OpenAsync(Reference("a.tar:v1"), cancellationToken: Token))
        await using (OciArchiveSource source = await OciArchiveSource.OpenAsync(Reference(Save(Whole())), Token))
            await ImageCopier.CopyAsync(source, target, CopyOptions.Default, progress: null, Token);

        List<string> names = [];
        await using FileStream file = File.OpenRead(_folder["a.tar"]);
        await using TarReader tar = new(file);
        while (await tar.GetNextEntryAsync(copyData: true, Token) is { } entry)
            names.Add(entry.Name);
        Assert.Equal(
            ["oci-layout", "index.json", .. new[] { BlobName(Layer), BlobName(Config), BlobName(Manifest) }.Order(StringComparer.Ordinal)],
            names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_ReadsBlobsWhereTheyLie(bool isGzipped)
    {
        await using OciArchiveSource source = await OciArchiveSource.OpenAsync(Reference(Save(Whole(), isGzipped)), Token);

        ResolvedImage image = await ImageResolver.ResolveAsync(source, request: null, Token);
        Assert.Equal(ImageFixture.DigestOf(Manifest), image.Manifest.Raw.Digest);
        await using Stream layer = await source.OpenBlobAsync(image.Layers[0].Descriptor, 10, Token);
        using MemoryStream read = new();
        await layer.CopyToAsync(read, Token);
        Assert.Equal(Layer[10..], read.ToArray());
        Assert.Empty((await ImageVerifier.VerifyAsync(source, image, cancellationToken: Token)).Problems);
    }

    [Fact]
    public async Task Open_ByDigest_NeedsNoName()
    {
        string file = Save(Whole(Entry("v1"), Entry("v2", "other")));

        await using OciArchiveSource source = await OciArchiveSource.OpenAsync(
            Reference($"{file}@{ImageFixture.DigestOf(Manifest)}"), Token);

        Assert.Equal(Manifest, (await source.GetManifestAsync(digest: null, Token)).Bytes.ToArray());
    }

    [Fact]
    public async Task Open_SeveralImages_NeedsTheName()
    {
        string file = Save(Whole(Entry("v1"), Entry("v2", "other")));

        await (await OciArchiveSource.OpenAsync(Reference($"{file}:v1"), Token)).DisposeAsync();
        ArchiveException e = await Assert.ThrowsAsync<ArchiveException>(() => OciArchiveSource.OpenAsync(Reference(file), Token));
        Assert.Equal((ArchiveFailure.UnknownName, $"'{_folder[file]}': it has 2 images: it has v1, v2."), (e.Reason, e.Message));
        Assert.Contains("oci-archive:<file>:<name>", e.Remedy, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<ArchiveException>(() => OciArchiveSource.OpenAsync(Reference($"{file}:v3"), Token));
        Assert.Equal("WCL7022", e.Code);
    }

    [Fact]
    public async Task Open_TheOtherKindOfArchive_NamesIt()
    {
        ArchiveException docker = await Assert.ThrowsAsync<ArchiveException>(
            () => OciArchiveSource.OpenAsync(Reference(Save([("manifest.json", Encoding.UTF8.GetBytes("[]"), null)])), Token));
        Assert.Contains("docker-archive:<file>", docker.Remedy, StringComparison.Ordinal);
        ArchiveException oci = await Assert.ThrowsAsync<ArchiveException>(
            () => DockerArchiveSource.OpenAsync(ArchiveReference.Parse($"docker-archive:{_folder[Save(Whole())]}"), Token));
        Assert.Contains("oci-archive:<file>", oci.Remedy, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> HostileManifests => new()
    {
        { "missing", "it has no" },
        { "twice", "more than once" },
        { "folder", "is no file" },
        { "loop", "go round in a circle" },
        { "/etc/passwd", "leads to 'blobs/sha256/etc/passwd', which is not there" },
    };

    [Theory]
    [MemberData(nameof(HostileManifests))]
    public async Task Manifest_ThatIsNoFileOfTheArchive_IsRefused(string kind, string why)
    {
        string name = BlobName(Manifest);
        (string, byte[]?, string?)[] place = kind switch
        {
            "missing" => [],
            "twice" => [(name, Manifest, null), (name, Config, null)],
            "folder" => [(name + "/", null, null)],
            "loop" => [(name, null, "other"), ("blobs/sha256/other", null, Path.GetFileName(name))],
            _ => [(name, null, kind)],
        };
        string file = Save([.. Whole().Where(one => one.Name != name), .. place]);
        await using OciArchiveSource source = await OciArchiveSource.OpenAsync(Reference(file), Token);

        ArchiveException refused = await Assert.ThrowsAsync<ArchiveException>(() => source.GetManifestAsync(digest: null, Token));

        Assert.Equal(ArchiveFailure.Malformed, refused.Reason);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifest_ThatIsALinkInsideTheArchive_IsFollowed()
    {
        string name = BlobName(Manifest);
        string file = Save([.. Whole().Where(one => one.Name != name), ("kept", Manifest, null), (name, null, "../../kept")]);

        await using OciArchiveSource source = await OciArchiveSource.OpenAsync(Reference(file), Token);

        Assert.Equal(Manifest, (await source.GetManifestAsync(digest: null, Token)).Bytes.ToArray());
    }

    [Fact]
    public async Task NameThatClimbsOut_IsRefused()
    {
        string file = Save([.. Whole(), ("../evil", Layer, null)]);

        ArchiveException refused = await Assert.ThrowsAsync<ArchiveException>(() => OciArchiveSource.OpenAsync(Reference(file), Token));

        Assert.Contains("leads out of the archive", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("digest", typeof(DigestMismatchException), "WCL3001")]
    [InlineData("size", typeof(SizeMismatchException), "WCL3002")]
    [InlineData("type", typeof(ManifestException), "WCL7002")]
    public async Task Index_ThatLiesAboutItsManifest_IsRefused(string what, Type type, string code)
    {
        JsonObject entry = Entry("v1");
        (string Name, byte[]? Bytes, string? Link)[] files = Whole(entry);
        if (what == "size")
            entry["size"] = Manifest.Length + 1;
        if (what == "type")
            entry["mediaType"] = MediaTypes.OciIndex;
        files = [.. Whole(entry)
            .Select(one => what == "digest" && one.Name == BlobName(Manifest) ? one with { Bytes = [.. Manifest, 32] } : one)];
        await using OciArchiveSource source = await OciArchiveSource.OpenAsync(Reference(Save(files)), Token);

        Exception refused = await Assert.ThrowsAsync(type, () => source.GetManifestAsync(digest: null, Token));

        Assert.Equal(code, ((WinLayersException)refused).Code);
    }

    [Theory]
    [InlineData("oci-layout", "", typeof(ManifestException), "WCL7001")]
    [InlineData("oci-layout", "{}", typeof(ManifestException), "WCL7001")]
    [InlineData("oci-layout", """{"imageLayoutVersion":"9.0.0"}""", typeof(ArchiveException), "WCL7021")]
    [InlineData("oci-layout", null, typeof(ArchiveException), "WCL7021")]
    [InlineData("index.json", "evil", typeof(ManifestException), "WCL7001")]
    [InlineData("index.json", "[]", typeof(ManifestException), "WCL7001")]
    [InlineData("index.json", """{"schemaVersion":2,"manifests":[]}""", typeof(ArchiveException), "WCL7022")]
    [InlineData("index.json", """{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"sha256:../../x","size":1}]}""", typeof(ManifestException), "WCL7001")]
    [InlineData("index.json", null, typeof(ArchiveException), "WCL7021")]
    public async Task Open_MalformedDocument_IsRefused(string name, string? text, Type type, string code)
    {
        string file = Save([.. Whole().Where(one => one.Name != name || text is not null)
            .Select(one => one.Name == name ? one with { Bytes = Encoding.UTF8.GetBytes(text!) } : one)]);

        Exception refused = await Assert.ThrowsAsync(type, () => OciArchiveSource.OpenAsync(Reference(file), Token));

        Assert.Equal(code, ((WinLayersException)refused).Code);
    }

    [Theory]
    [InlineData("oci-layout", 4097)]
    [InlineData("index.json", ImageDocument.LimitBytes + 1)]
    public async Task Open_DocumentThatIsTooLarge_IsRefusedUnread(string name, int size)
    {
        byte[] large = new byte[size];
        large.AsSpan().Fill((byte)' ');
        string file = Save([.. Whole().Select(one => one.Name == name ? one with { Bytes = large } : one)]);

        ManifestException refused = await Assert.ThrowsAsync<ManifestException>(() => OciArchiveSource.OpenAsync(Reference(file), Token));

        Assert.Equal(ManifestFailure.TooLarge, refused.Reason);
    }

    [Fact]
    public async Task Open_CutAnywhereInTheHeaders_IsRefused()
    {
        byte[] whole = await File.ReadAllBytesAsync(_folder[Save(Whole())], Token);
        for (int length = 0; length < whole.Length - 1024; length += 257)
        {
            await File.WriteAllBytesAsync(_folder["cut.tar"], whole[..length], Token);
            ArchiveException refused =
                await Assert.ThrowsAsync<ArchiveException>(() => OciArchiveSource.OpenAsync(Reference("cut.tar"), Token));
            Assert.Equal(ArchiveFailure.Malformed, refused.Reason);
            if (length >= 512)
                Assert.Same(TarRules.Truncated, Assert.IsType<LayerRefusedException>(refused.InnerException).Rule);
        }
    }

    [Fact]
    public async Task Target_WhereSomethingStands_IsRefusedUnlessItIsAPlainFileToBeReplaced()
    {
        await File.WriteAllTextAsync(_folder["a.tar"], "precious", Token);
        Directory.CreateDirectory(_folder["folder"]);

        DiskException there = await Assert.ThrowsAsync<DiskException>(
            () => OciArchiveTarget.OpenAsync(Reference("a.tar"), cancellationToken: Token));
        Assert.Equal(DiskFailure.AlreadyThere, there.Reason);
        ArchiveException folder = await Assert.ThrowsAsync<ArchiveException>(
            () => OciArchiveTarget.OpenAsync(Reference("folder"), replace: true, Token));
        Assert.Equal(ArchiveFailure.NotAFile, folder.Reason);
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["a.tar"], Token));

        await using (OciArchiveTarget target = await OciArchiveTarget.OpenAsync(Reference("a.tar"), replace: true, Token))
        await using (OciArchiveSource source = await OciArchiveSource.OpenAsync(Reference(Save(Whole())), Token))
            await ImageCopier.CopyAsync(source, target, CopyOptions.Default, progress: null, Token);
        await (await OciArchiveSource.OpenAsync(Reference("a.tar"), Token)).DisposeAsync();
    }

    [Fact]
    public async Task Transports_ReplaceFilesOnlyWhereTheyAreToldTo()
    {
        ImageTransports transports = ImageTransports.Standard();
        foreach (string reference in new[] { $"oci-archive:{_folder["a"]}", $"docker-archive:{_folder["b"]}" })
        {
            await File.WriteAllTextAsync(_folder[reference[^1..]], "precious", Token);
            await Assert.ThrowsAsync<DiskException>(
                () => transports.OpenTargetAsync(transports.Parse(reference), cancellationToken: Token));
            await (await transports.ReplacingFiles().OpenTargetAsync(transports.Parse(reference), cancellationToken: Token)).DisposeAsync();
            Assert.Equal("precious", await File.ReadAllTextAsync(_folder[reference[^1..]], Token));
        }

        ImageReference pinned = transports.Parse($"oci-archive:{_folder["c"]}@{ImageFixture.DigestOf(Manifest)}");
        Assert.Equal(ImageReferenceFailure.NotATarget,
            (await Assert.ThrowsAsync<ImageReferenceException>(() => transports.OpenTargetAsync(pinned, cancellationToken: Token))).Reason);
    }

    private static string BlobName(byte[] bytes) => $"blobs/sha256/{ImageFixture.DigestOf(bytes).Hex}";

    private static JsonObject Entry(string name, string? other = null)
    {
        JsonObject entry = ImageFixture.Descriptor(MediaTypes.OciManifest, other is null ? Manifest : Encoding.UTF8.GetBytes(other));
        entry["annotations"] = new JsonObject { [LayoutIndex.NameAnnotation] = name };
        return entry;
    }

    private static (string Name, byte[]? Bytes, string? Link)[] Whole(params JsonObject[] entries) =>
    [
        ("oci-layout", Encoding.UTF8.GetBytes(Marker), null),
        (BlobName(Layer), Layer, null),
        (BlobName(Config), Config, null),
        (BlobName(Manifest), Manifest, null),
        ("index.json", ImageFixture.Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["manifests"] = new JsonArray([.. (entries.Length > 0 ? entries : [Entry("v1")]).Select(entry => entry.DeepClone())]),
        }), null),
    ];

    private OciArchiveReference Reference(string rest) => OciArchiveReference.Parse($"oci-archive:{_folder[rest]}");

    private string Save((string Name, byte[]? Bytes, string? Link)[] files, bool isGzipped = false)
    {
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[]? bytes, string? link) in files)
            {
                writer.WriteEntry(
                    link is not null ? new UstarTarEntry(TarEntryType.SymbolicLink, name) { LinkName = link }
                    : bytes is null ? new UstarTarEntry(TarEntryType.Directory, name)
                    : new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
            }
        }

        File.WriteAllBytes(_folder["saved.tar"], isGzipped ? TestBytes.Compress(tar.ToArray()) : tar.ToArray());
        return "saved.tar";
    }
}
