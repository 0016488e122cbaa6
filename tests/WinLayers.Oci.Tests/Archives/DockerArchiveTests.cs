using System.Diagnostics;
using System.Formats.Tar;
using System.Net.Sockets;
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

public sealed class DockerArchiveTests : IDisposable
{
    private static readonly byte[] Base = ImageFixture.Tar("Files/base.txt", "base");
    private static readonly byte[] App = ImageFixture.Tar("Files/app.txt", "app");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Target_WhereNoPlainFileStands_IsRefusedAndWhatStandsThereStays()
    {
        Directory.CreateDirectory(_folder["folder"]);
        await File.WriteAllTextAsync(_folder["file"], "kept", Token);
        File.CreateSymbolicLink(_folder["link"], _folder["file"]);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["socket"]));
        string[] places = OperatingSystem.IsWindows() ? ["folder", "link"] : ["folder", "link", "socket"];

        foreach (string place in places)
            Assert.Equal("WCL7024",
                (await Assert.ThrowsAsync<ArchiveException>(
                    () => DockerArchiveTarget.OpenAsync(ArchiveAt(place), replace: true, Token))).Code);

        Assert.Equal("kept", await File.ReadAllTextAsync(_folder["link"], Token));
        Assert.Equal(places.Length + 1 + (OperatingSystem.IsWindows() ? 1 : 0),
            Directory.EnumerateFileSystemEntries(_folder.FolderPath).Count());
        await using DockerArchiveTarget target = await DockerArchiveTarget.OpenAsync(ArchiveAt("file"), replace: true, Token);

        ArchiveReference ArchiveAt(string name) => ArchiveReference.Parse($"docker-archive:{_folder[name]}");
    }

    [Fact]
    public async Task Open_WhatIsNoPlainFile_IsRefusedAtOnce_AndALinkFollowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Devices have no paths of files there.");
        Assert.Equal("WCL7021", (await Assert.ThrowsAsync<ArchiveException>(() => OpenAsync("docker-archive:/dev/null"))).Code);
        Assert.Equal("WCL7021", (await Assert.ThrowsAsync<ArchiveException>(() => OpenAsync($"docker-archive:{_folder.FolderPath}"))).Code);
        using (Process pipe = Process.Start("mkfifo", [_folder["pipe"]]))
            await pipe.WaitForExitAsync(Token);
        Assert.Equal("WCL7021",
            (await Assert.ThrowsAsync<ArchiveException>(
            () => OpenAsync($"docker-archive:{_folder["pipe"]}").WaitAsync(TimeSpan.FromMinutes(5), Token))).Code);
        File.CreateSymbolicLink(_folder["link"], Save(OldShape(), isGzipped: false));
        await using DockerArchiveSource source = await OpenAsync($"docker-archive:{_folder["link"]}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_OldShapeOfDockerSave_GivesPlainTarLayers(bool isGzipped)
    {
        string file = Save(OldShape(), isGzipped);
        await using DockerArchiveSource source = await OpenAsync($"docker-archive:{file}");
        ResolvedImage image = await ImageResolver.ResolveAsync(source, request: null, Token);
        Assert.Equal([ImageFixture.DigestOf(Base), ImageFixture.DigestOf(App)], image.Layers.Select(layer => layer.Descriptor.Digest));
        Assert.All(image.Layers, layer => Assert.Equal(layer.DiffId, layer.Descriptor.Digest));
        Assert.Equal(App, await ReadAsync(source, image.Layers[1].Descriptor, 0));
        Assert.Equal(App[700..], await ReadAsync(source, image.Layers[1].Descriptor, 700));
        Assert.Equal("10.0.20348.2031", image.Platform.OsVersion);
    }

    [Fact]
    public async Task Open_NewShapeWithCompressedLayers_KeepsTheirDigests()
    {
        byte[] config = ImageFixture.Config([Base, App]);
        byte[] gzip = TestBytes.Compress(Base);
        string file = Save(
        [
            ("oci-layout", Encoding.UTF8.GetBytes("""{"imageLayoutVersion":"1.0.0"}"""), null),
            (BlobName(config), config, null),
            (BlobName(gzip), gzip, null),
            (BlobName(App), App, null),
            ("manifest.json", Listing(BlobName(config), ["app:v1"], [BlobName(gzip), BlobName(App)]), null),
        ]);
        await using DockerArchiveSource source = await OpenAsync($"docker-archive:{file}:app:v1");
        ResolvedImage image = await ImageResolver.ResolveAsync(source, request: null, Token);
        Assert.Equal((MediaTypes.OciLayerGZip, ImageFixture.DigestOf(gzip)),
            (image.Layers[0].Descriptor.MediaType, image.Layers[0].Descriptor.Digest));
        Assert.Equal(gzip, await ReadAsync(source, image.Layers[0].Descriptor, 0));
        Assert.Equal(MediaTypes.OciLayer, image.Layers[1].Descriptor.MediaType);
    }

    [Fact]
    public async Task Open_LayersThatAreLinks_AreFollowedInsideTheArchive()
    {
        byte[] config = ImageFixture.Config([Base, Base, App]);
        string file = Save(
        [
            ("c.json", config, null),
            ("one/layer.tar", Base, null),
            ("two/layer.tar", null, "../one/layer.tar"),
            ("./three/layer.tar", App, null),
            ("manifest.json", Listing("c.json", null, ["one/layer.tar", "two/layer.tar", "three/layer.tar"]), null),
        ]);
        await using DockerArchiveSource source = await OpenAsync($"docker-archive:{file}");
        ResolvedImage image = await ImageResolver.ResolveAsync(source, request: null, Token);
        Assert.Equal(image.Layers[0].Descriptor,
            image.Layers[1].Descriptor with
            {
                Annotations = image.Layers[0].Descriptor.Annotations,
                Urls = image.Layers[0].Descriptor.Urls
            });
        Assert.Equal(Base, await ReadAsync(source, image.Layers[1].Descriptor, 0));
    }

    [Fact]
    public async Task Open_SeveralImages_NeedsTheName()
    {
        byte[] config = ImageFixture.Config([Base]);
        string listing = $$"""[{"Config":"c.json","RepoTags":["docker.io/library/a:v1"],"Layers":["l.tar"]},{"Config":"c.json","RepoTags":["host:5000/b:v2"],"Layers":["l.tar"]}]""";
        string file = Save([("c.json", config, null), ("l.tar", Base, null), ("manifest.json", Encoding.UTF8.GetBytes(listing), null)]);
        await (await OpenAsync($"docker-archive:{file}:a:v1")).DisposeAsync();
        await (await OpenAsync($"docker-archive:{file}:host:5000/b:v2")).DisposeAsync();
        ArchiveException e = await Assert.ThrowsAsync<ArchiveException>(() => OpenAsync($"docker-archive:{file}"));
        Assert.Contains("host:5000/b:v2", e.Message, StringComparison.Ordinal);
        Assert.Equal("WCL7022", (await Assert.ThrowsAsync<ArchiveException>(() => OpenAsync($"docker-archive:{file}:a:v2"))).Code);
    }

    public static TheoryData<string, string> HostileLayers => new()
    {
        { "../../etc/passwd", "leads out of the archive" },
        { "/etc/passwd", "it has no '/etc/passwd'" },
        { "missing.tar", "it has no 'missing.tar'" },
        { "loop-a", "go round in a circle" },
        { "out", "it has no 'out'" },
        { "folder", "it has no 'folder'" },
        { "twice.tar", "more than once" },
        { "c.json", "is no layer" },
    };

    [Theory]
    [MemberData(nameof(HostileLayers))]
    public async Task Open_LayerThatIsNoFileOfTheArchive_IsRefused(string layer, string why)
    {
        string file = Save(
        [
            ("c.json", ImageFixture.Config([Base]), null),
            ("loop-a", null, "loop-b"),
            ("loop-b", null, "loop-a"),
            ("inside", null, "/etc/hostname"),
            ("folder/x", Base, null),
            ("twice.tar", Base, null),
            ("twice.tar", App, null),
            ("manifest.json", Listing("c.json", null, [layer]), null),
        ]);
        ArchiveException refused = await Assert.ThrowsAsync<ArchiveException>(() => OpenAsync($"docker-archive:{file}"));
        Assert.Equal("WCL7021", refused.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_LinkThatClimbsOut_IsRefused()
    {
        string file =
            Save([("a/layer.tar", null, "../../../etc/passwd"), ("manifest.json", Listing("c.json", null, ["a/layer.tar"]), null)]);
        Assert.Equal("WCL7021", (await Assert.ThrowsAsync<ArchiveException>(() => OpenAsync($"docker-archive:{file}"))).Code);
    }

    [Theory]
    [InlineData("{}", typeof(ManifestException), "WCL7001")]
    [InlineData("[1]", typeof(ManifestException), "WCL7001")]
    [InlineData("[]", typeof(ArchiveException), "WCL7022")]
    [InlineData("[{}]", typeof(ManifestException), "WCL7001")]
    [InlineData("[{\"Config\":\"c.json\",\"Layers\":[1]}]", typeof(ManifestException), "WCL7001")]
    [InlineData("[{\"Config\":\"c.json\",\"Layers\":[]}]", typeof(ManifestException), "WCL7004")]
    [InlineData("[{\"Config\":\"none.json\",\"Layers\":[\"l.tar\"]}]", typeof(ArchiveException), "WCL7021")]
    [InlineData("not json", typeof(ManifestException), "WCL7001")]
    public async Task Open_MalformedListing_IsRefused(string listing, Type type, string code)
    {
        string file =
            Save([("c.json", ImageFixture.Config([Base]), null), ("l.tar", Base, null),
            ("manifest.json", Encoding.UTF8.GetBytes(listing), null)]);
        Exception refused = await Assert.ThrowsAsync(type, () => OpenAsync($"docker-archive:{file}"));
        Assert.Equal(code, ((WinLayersException)refused).Code);
    }

    [Fact]
    public async Task Open_CutAnywhereInTheHeaders_IsRefused()
    {
        byte[] whole = await File.ReadAllBytesAsync(Save(OldShape()), Token);
        for (int length = 0; length < whole.Length - 1024; length += 257)
        {
            await File.WriteAllBytesAsync(_folder["cut.tar"], whole[..length], Token);
            ArchiveException refused = await Assert.ThrowsAsync<ArchiveException>(() => OpenAsync($"docker-archive:{_folder["cut.tar"]}"));
            Assert.Equal("WCL7021", refused.Code);

            // Less than a block tells nothing of a tar.
            if (length >= 512)
                Assert.Same(TarRules.Truncated, Assert.IsType<LayerRefusedException>(refused.InnerException).Rule);
        }
    }

    [Fact]
    public async Task Target_WritesTheSameBytesEveryTimeAndReadsBack()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["s"], Token);
        byte[] manifest = await ImageFixture.PutImageAsync(store, "10.0.20348.1", ["one", "two", "one"]);
        await store.Index.SetAsync("x", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        foreach (string name in new[] { "a.tar", "b.tar" })
        {
            await using DockerArchiveTarget target =
                await DockerArchiveTarget.OpenAsync(ArchiveReference.Parse($"docker-archive:{_folder[name]}:app:v1"),
                    cancellationToken: Token);
            await ImageCopier.CopyAsync(OciLayoutSource.Open(store, "x"), target, CopyOptions.Default, progress: null, Token);
        }

        Assert.Equal(await File.ReadAllBytesAsync(_folder["a.tar"], Token), await File.ReadAllBytesAsync(_folder["b.tar"], Token));
        Assert.Equal(["a.tar", "b.tar", "s"],
            Directory.EnumerateFileSystemEntries(_folder.FolderPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await using DockerArchiveSource source = await OpenAsync($"docker-archive:{_folder["a.tar"]}:app:v1");
        ResolvedImage back = await ImageResolver.ResolveAsync(source, request: null, Token), original =
            await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "x"), request: null, Token);
        Assert.Equal(original.Layers.Select(layer => layer.ChainId), back.Layers.Select(layer => layer.ChainId));
        Assert.Equal(original.Manifest.Config.Digest, back.Manifest.Config.Digest);
    }

    [Fact]
    public async Task Target_WhereAFileStands_IsRefusedUnlessItIsToBeReplaced()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["s"], Token);
        byte[] manifest = await ImageFixture.PutImageAsync(store, "10.0.20348.1", ["one"]);
        await store.Index.SetAsync("x", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        ArchiveReference reference = ArchiveReference.Parse($"docker-archive:{_folder["a.tar"]}");
        await File.WriteAllTextAsync(_folder["a.tar"], "precious", Token);

        DiskException there =
            await Assert.ThrowsAsync<DiskException>(() => DockerArchiveTarget.OpenAsync(reference, cancellationToken: Token));
        Assert.Equal((DiskFailure.AlreadyThere, "WCL5025"), (there.Reason, there.Code));
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["a.tar"], Token));

        await using (DockerArchiveTarget target = await DockerArchiveTarget.OpenAsync(reference, replace: true, Token))
            await ImageCopier.CopyAsync(OciLayoutSource.Open(store, "x"), target, CopyOptions.Default, progress: null, Token);
        await (await OpenAsync($"{reference}")).DisposeAsync();
    }

    [Fact]
    public async Task Target_WhereAFileAppearsMeanwhile_LeavesIt()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["s"], Token);
        byte[] manifest = await ImageFixture.PutImageAsync(store, "10.0.20348.1", ["one"]);
        await store.Index.SetAsync("x", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        ArchiveReference reference = ArchiveReference.Parse($"docker-archive:{_folder["a.tar"]}");
        await using (DockerArchiveTarget target = await DockerArchiveTarget.OpenAsync(reference, cancellationToken: Token))
        {
            await File.WriteAllTextAsync(_folder["a.tar"], "precious", Token);
            DiskException there = await Assert.ThrowsAsync<DiskException>(
                () => ImageCopier.CopyAsync(OciLayoutSource.Open(store, "x"), target, CopyOptions.Default, progress: null, Token));
            Assert.Equal(DiskFailure.AlreadyThere, there.Reason);
        }

        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["a.tar"], Token));
        Assert.Equal(["a.tar", "s"],
            Directory.EnumerateFileSystemEntries(_folder.FolderPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Target_LayerThatIsNotItsDiffId_LeavesNoArchive()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["s"], Token);
        byte[] other = TestBytes.Compress(ImageFixture.Tar("Files/0.txt", "something else"));
        await store.PutAsync(ImageFixture.DigestOf(other), other, Token);
        byte[] manifest =
            await ImageFixture.PutImageAsync(store, "10.0.20348.1", ["one"],
            json => json["layers"] = new JsonArray(ImageFixture.Descriptor(MediaTypes.OciLayerGZip, other)));
        await store.Index.SetAsync("x", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        await using (
            DockerArchiveTarget target =
            await DockerArchiveTarget.OpenAsync(ArchiveReference.Parse($"docker-archive:{_folder["a.tar"]}"), cancellationToken: Token))
            await Assert.ThrowsAsync<DigestMismatchException>(
                () => ImageCopier.CopyAsync(OciLayoutSource.Open(store, "x"), target, CopyOptions.Default, null, Token));
        Assert.Equal(["s"], Directory.EnumerateFileSystemEntries(_folder.FolderPath).Select(Path.GetFileName));
    }

    private static (string, byte[]?, string?)[] OldShape() =>
    [
        ("1111/VERSION", Encoding.ASCII.GetBytes("1.0"), null),
        ("1111/json", Encoding.ASCII.GetBytes("{}"), null),
        ("1111/layer.tar", Base, null),
        ("2222/layer.tar", App, null),
        ("c.json", ImageFixture.Config([Base, App]), null),
        ("manifest.json", Listing("c.json", ["app:v1"], ["1111/layer.tar", "2222/layer.tar"]), null),
        ("repositories", Encoding.ASCII.GetBytes("{}"), null),
    ];

    private static byte[] Listing(string config, string[]? names, string[] layers) => ImageFixture.Bytes(new JsonArray(new JsonObject
    {
        ["Config"] = config,
        ["RepoTags"] = names is null ? null : new JsonArray([.. names.Select(name => (JsonNode)name)]),
        ["Layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)layer)]),
    }));

    private static string BlobName(byte[] bytes) => $"blobs/sha256/{ImageFixture.DigestOf(bytes).Hex}";

    private string Save((string Name, byte[]? Bytes, string? Link)[] files, bool isGzipped = false)
    {
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[]? bytes, string? link) in files)
            {
                UstarTarEntry entry = link is null
                    ? new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes!) }
                    : new(TarEntryType.SymbolicLink, name) { LinkName = link };
                writer.WriteEntry(entry);
            }
        }

        string path = _folder["saved.tar"];
        File.WriteAllBytes(path, isGzipped ? TestBytes.Compress(tar.ToArray()) : tar.ToArray());
        return path;
    }

    private static Task<DockerArchiveSource> OpenAsync(string reference) =>
        DockerArchiveSource.OpenAsync(ArchiveReference.Parse(reference), Token);

    private static async Task<byte[]> ReadAsync(DockerArchiveSource source, Descriptor blob, long offset)
    {
        await using Stream stream = await source.OpenBlobAsync(blob, offset, Token);
        using MemoryStream all = new();
        await stream.CopyToAsync(all, Token);
        return all.ToArray();
    }
}
