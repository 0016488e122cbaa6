using System.Text.Json.Nodes;
using WinLayers.Formats;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Copying;

public sealed class LayoutCopyTests : IDisposable
{
    private const string Server2019 = "10.0.17763.5206", Server2022 = "10.0.20348.2031";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Resolve_Index_TakesTheNewestAndNamesItsChain()
    {
        BlobStore store = await IndexAsync();
        ResolvedImage image = await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "multi"), request: null, Token);
        Assert.Equal("10.0.20348.2031", image.Platform.OsVersion);
        Assert.Equal(["base 2022", "app"], await TextsAsync(store, image));
        Assert.Equal(image.Layers[0].DiffId, image.Layers[0].ChainId);
        Assert.Null(image.Layers[0].ParentChainId);
        Assert.Equal(image.Layers[0].ChainId, image.Layers[1].ParentChainId);
        Assert.Equal(ImageFixture.DigestOf(System.Text.Encoding.ASCII.GetBytes($"{image.Layers[0].DiffId} {image.Layers[1].DiffId}")),
            image.Layers[1].ChainId);
        Assert.Equal("cmd.exe", Assert.Single(image.Config.Command));
    }

    [Fact]
    public async Task Resolve_IndexForAHost_TakesItsBuild()
    {
        BlobStore store = await IndexAsync();
        PlatformRequest request = new() { Host = new WindowsVersion(10, 0, 17763, 1) };
        ResolvedImage image = await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "multi"), request, Token);
        Assert.Equal(Server2019, image.Platform.OsVersion);
    }

    [Fact]
    public async Task Resolve_SingleImage_IsTakenWhateverItIsButNotAgainstARequest()
    {
        BlobStore store = await IndexAsync();
        ResolvedImage image = await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "old"), request: null, Token);
        Assert.Equal(Server2019, image.Platform.OsVersion);
        await Assert.ThrowsAsync<PlatformException>(
            () => ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "old"), new PlatformRequest { Architecture = "arm64" }, Token));
    }

    [Fact]
    public async Task Resolve_FlippedByteInAnyDocument_IsRefused()
    {
        BlobStore store = await IndexAsync();
        ResolvedImage image = await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "multi"), request: null, Token);
        foreach (Digest digest in new[] { image.Index!.Raw.Digest, image.Manifest.Raw.Digest, image.Manifest.Config.Digest })
        {
            byte[] good = await File.ReadAllBytesAsync(store.PathOf(digest), Token);
            byte[] bad = [.. good];
            bad[^3] ^= 1;
            await File.WriteAllBytesAsync(store.PathOf(digest), bad, Token);
            await Assert.ThrowsAsync<DigestMismatchException>(
                () => ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "multi"), request: null, Token));
            await File.WriteAllBytesAsync(store.PathOf(digest), good, Token);
        }
    }

    [Fact]
    public async Task Resolve_LayerCountOtherThanTheConfigurations_IsRefused()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["a"], Token);
        byte[] manifest =
            await ImageFixture.PutImageAsync(store, Server2022, ["one", "two"], json => json["layers"]!.AsArray().RemoveAt(1));
        await store.Index.SetAsync("x", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        ManifestException e =
            await Assert.ThrowsAsync<ManifestException>(
            () => ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "x"), request: null, Token));
        Assert.Equal("WCL7004", e.Code);
    }

    [Fact]
    public async Task Resolve_Artifact_IsRefusedAsNoImage()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["a"], Token);
        byte[] manifest =
            await ImageFixture.PutImageAsync(store, Server2022, ["one"],
            json => json["config"]!["mediaType"] = "application/vnd.cncf.helm.config.v1+json");
        await store.Index.SetAsync("x", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        Assert.Equal("WCL7002",
            (await Assert.ThrowsAsync<ManifestException>(
            () => ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "x"), null, Token))).Code);
    }

    [Fact]
    public async Task Source_IndexThatLiesAboutItsImage_IsRefused()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["a"], Token);
        byte[] manifest = await ImageFixture.PutImageAsync(store, Server2022, ["one"]);
        Descriptor right = ImageFixture.Of(MediaTypes.OciManifest, manifest);

        // The second entry is right; one that contradicts it makes the image two things.
        foreach (Descriptor lie in new[] { right with { Size = 1 }, right with { Size = right.Size + 1 } })
        {
            await store.Index.SetAsync("x", lie, Token);
            await AssertRefusedAsync<SizeMismatchException>("WCL3002", "x");
            await store.Index.SetAsync("y", right, Token);
            await AssertRefusedAsync<SizeMismatchException>("WCL3002", name: null);
        }

        foreach (string mediaType in new[] { MediaTypes.OciIndex, MediaTypes.DockerManifest, "text/plain" })
        {
            await store.Index.SetAsync("x", right with { MediaType = mediaType }, Token);
            await AssertRefusedAsync<ManifestException>("WCL7002", "x");
        }

        await store.Index.SetAsync("x", right, Token);
        await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, "x"), request: null, Token);
        await ImageResolver.ResolveAsync(OciLayoutSource.Open(store, imageName: null), request: null, Token);

        async Task AssertRefusedAsync<T>(string code, string? name)
            where T : WinLayersException
        {
            T e = await Assert.ThrowsAsync<T>(() => ImageResolver.ResolveAsync(OciLayoutSource.Open(store, name), request: null, Token));
            Assert.Equal(code, e.Code);
            Assert.Contains(store.Root, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Source_SeveralImagesAndNoName_SaysWhatThereIs()
    {
        BlobStore store = await IndexAsync();
        BlobStoreException e =
            await Assert.ThrowsAsync<BlobStoreException>(() => OciLayoutSource.Open(store, imageName: null).GetManifestAsync(null, Token));
        Assert.Contains("multi, old", e.Message, StringComparison.Ordinal);
        Assert.Equal("WCL5004",
            (await Assert.ThrowsAsync<BlobStoreException>(() => OciLayoutSource.Open(store, "none").GetManifestAsync(null, Token))).Code);
    }

    [Fact]
    public async Task Copy_OneImageOfAnIndex_BringsItAloneByteForByte()
    {
        BlobStore store = await IndexAsync();
        OciLayoutTarget target = await OciLayoutTarget.OpenAsync(LayoutReference.Parse($"oci:{_folder["out"]}:copied"), Token);
        List<TransferProgress> reports = [];
        CopyResult result =
            await ImageCopier.CopyAsync(OciLayoutSource.Open(store, "multi"), target, CopyOptions.Default, new Collected(reports), Token);
        BlobStore copied = BlobStore.Open(_folder["out"]);
        Assert.Equal(result.SourceDigest, copied.Index.Find("copied")!.Digest);
        Assert.Equal(4, copied.List().Count());
        Assert.Equal((3, 0), (result.Copied, result.Present));
        Assert.Equal(3, reports.Count(report => report.State == TransferState.Done && report.Bytes == report.Blob.Size));
        ResolvedImage image = await ImageResolver.ResolveAsync(OciLayoutSource.Open(copied, "copied"), request: null, Token);
        Assert.Equal(["base 2022", "app"], await TextsAsync(copied, image));

        CopyResult again =
            await ImageCopier.CopyAsync(OciLayoutSource.Open(store, "multi"), target, CopyOptions.Default, progress: null, Token);
        Assert.Equal((0, 3), (again.Copied, again.Present));
    }

    [Fact]
    public async Task Copy_WholeIndex_KeepsEveryDigest()
    {
        BlobStore store = await IndexAsync();
        OciLayoutTarget target = await OciLayoutTarget.OpenAsync(LayoutReference.Parse($"oci:{_folder["out"]}"), Token);
        CopyResult result =
            await ImageCopier.CopyAsync(OciLayoutSource.Open(store, "multi"), target, new CopyOptions { AllPlatforms = true },
            progress: null, Token);
        Assert.Equal(store.Index.Find("multi")!.Digest, result.Root.Digest);
        Assert.Equal(store.List().OrderBy(blob => blob.Digest.Hex, StringComparer.Ordinal),
            BlobStore.Open(_folder["out"]).List().OrderBy(blob => blob.Digest.Hex, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(ForeignLayerHandling.LeaveOut, false)]
    [InlineData(ForeignLayerHandling.Include, true)]
    public async Task Copy_ForeignLayer_StaysOrComesButKeepsItsUrls(ForeignLayerHandling foreign, bool comes)
    {
        BlobStore store = await ForeignAsync();
        OciLayoutTarget target = await OciLayoutTarget.OpenAsync(LayoutReference.Parse($"oci:{_folder["out"]}"), Token);
        CopyResult result =
            await ImageCopier.CopyAsync(OciLayoutSource.Open(store, "f"), target, new CopyOptions { Foreign = foreign }, progress: null,
            Token);
        Assert.Equal(result.SourceDigest, result.Root.Digest);
        Assert.Equal(comes ? 0 : 1, result.LeftOut.Count);
        ResolvedImage image =
            await ImageResolver.ResolveAsync(OciLayoutSource.Open(BlobStore.Open(_folder["out"]), null), request: null, Token);
        Assert.Equal(comes, BlobStore.Open(_folder["out"]).Contains(image.Layers[0].Descriptor));
        Assert.Single(image.Layers[0].Descriptor.Urls);
    }

    [Fact]
    public async Task Copy_NormalizingForeignLayers_ChangesTheirTypeAndNothingElse()
    {
        BlobStore store = await ForeignAsync();
        OciLayoutTarget target = await OciLayoutTarget.OpenAsync(LayoutReference.Parse($"oci:{_folder["out"]}"), Token);
        CopyResult result = await ImageCopier.CopyAsync(
            OciLayoutSource.Open(store, "findex"), target,
                new CopyOptions { Foreign = ForeignLayerHandling.Normalize, AllPlatforms = true }, progress: null, Token);
        Assert.NotEqual(result.SourceDigest, result.Root.Digest);
        BlobStore copied = BlobStore.Open(_folder["out"]);
        ResolvedImage image = await ImageResolver.ResolveAsync(OciLayoutSource.Open(copied, null), request: null, Token);
        Assert.Equal(MediaTypes.OciLayerGZip, image.Layers[0].Descriptor.MediaType);
        Assert.Empty(image.Layers[0].Descriptor.Urls);
        Assert.Equal("as it was", JsonNode.Parse(image.Manifest.Raw.Bytes.Span)!["x-kept"]!.GetValue<string>());
        Assert.Equal(["foreign", "own"], await TextsAsync(copied, image));
    }

    [Fact]
    public async Task Copy_IndexIntoAnArchive_IsRefusedBeforeAnythingIsMoved()
    {
        BlobStore store = await IndexAsync();
        await using DockerArchiveTarget target =
            await DockerArchiveTarget.OpenAsync(ArchiveReference.Parse($"docker-archive:{_folder["a.tar"]}"), cancellationToken: Token);
        var moved = new List<TransferProgress>();

        ArchiveException refused = await Assert.ThrowsAsync<ArchiveException>(
            () => ImageCopier.CopyAsync(OciLayoutSource.Open(store, "multi"), target, new CopyOptions { AllPlatforms = true },
                new Moved(moved), Token));

        Assert.Equal("WCL7023", refused.Code);
        Assert.Empty(moved);
    }

    [Fact]
    public async Task Copy_BlobMissingAtTheSource_NamesNothingAtTheTarget()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["a"], Token);
        byte[] manifest = await ImageFixture.PutImageAsync(store, Server2022, ["one", "two"], isStored: i => i == 0);
        await store.Index.SetAsync("x", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        OciLayoutTarget target = await OciLayoutTarget.OpenAsync(LayoutReference.Parse($"oci:{_folder["out"]}:x"), Token);
        await Assert.ThrowsAsync<BlobStoreException>(
            () => ImageCopier.CopyAsync(OciLayoutSource.Open(store, "x"), target, CopyOptions.Default, null, Token));
        Assert.Empty(BlobStore.Open(_folder["out"]).Index.Read().Manifests);
    }

    [Fact]
    public async Task Fetch_DamagedLeftover_IsFetchedAgain()
    {
        BlobStore from = await BlobStore.CreateAsync(_folder["a"], Token), to = await BlobStore.CreateAsync(_folder["b"], Token);
        byte[] content = TestBytes.MakeContent(10_000);
        Descriptor blob = ImageFixture.Of(MediaTypes.OciLayer, content);
        await from.PutAsync(blob.Digest, content, Token);
        Directory.CreateDirectory(_folder["b/tmp/blobs"]);
        await File.WriteAllBytesAsync(_folder[$"b/tmp/blobs/{blob.Digest.Hex}.partial"], new byte[5000], Token);
        await BlobFetcher.FetchAsync(OciLayoutSource.Open(from, null), to, blob, progress: null, Token);
        Assert.True(to.Contains(blob));
    }

    private async Task<BlobStore> IndexAsync()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["store"], Token);
        byte[] old = await ImageFixture.PutImageAsync(store, Server2019, ["base 2019"]);
        byte[] current = await ImageFixture.PutImageAsync(store, Server2022, ["base 2022", "app"]);
        byte[] index = ImageFixture.Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["manifests"] = new JsonArray(Entry(old, Server2019), Entry(current, Server2022)),
        });
        await store.PutAsync(ImageFixture.DigestOf(index), index, Token);
        await store.Index.SetAsync("multi", ImageFixture.Of(MediaTypes.OciIndex, index), Token);
        await store.Index.SetAsync("old", ImageFixture.Of(MediaTypes.OciManifest, old), Token);
        return store;
    }

    private async Task<BlobStore> ForeignAsync()
    {
        BlobStore store = await BlobStore.CreateAsync(_folder["store"], Token);
        byte[] manifest = await ImageFixture.PutImageAsync(store, Server2022, ["foreign", "own"], json =>
        {
            json["layers"]![0]!["mediaType"] = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
            json["layers"]![0]!["urls"] = new JsonArray("https://example.com/layer");
        });
        byte[] index =
            ImageFixture.Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(Entry(manifest, Server2022)) });
        await store.PutAsync(ImageFixture.DigestOf(index), index, Token);
        await store.Index.SetAsync("f", ImageFixture.Of(MediaTypes.OciManifest, manifest), Token);
        await store.Index.SetAsync("findex", ImageFixture.Of(MediaTypes.OciIndex, index), Token);
        return store;
    }

    private static JsonObject Entry(byte[] manifest, string osVersion)
    {
        JsonObject entry = ImageFixture.Descriptor(MediaTypes.OciManifest, manifest);
        entry["platform"] = new JsonObject { ["os"] = "windows", ["architecture"] = "amd64", ["os.version"] = osVersion };
        return entry;
    }

    // Each fixture layer holds one file with one line; the text is found at the start of its body.
    private static async Task<string[]> TextsAsync(BlobStore store, ResolvedImage image)
    {
        List<string> texts = [];
        foreach (ResolvedLayer layer in image.Layers)
        {
            await using Stream blob = store.OpenRead(layer.Descriptor.Digest);
            await using VerifyingStream tar =
                new(Decompression.Open(new VerifyingStream(blob, layer.Descriptor), layer.Descriptor.MediaType), "layer", layer.DiffId,
                size: null);
            using System.Formats.Tar.TarReader reader = new(tar);
            using StreamReader text = new((await reader.GetNextEntryAsync(copyData: true, Token))!.DataStream!);
            texts.Add(await text.ReadToEndAsync(Token));
            await tar.CopyToAsync(Stream.Null, Token);
        }

        return [.. texts];
    }

    private sealed class Collected(List<TransferProgress> reports) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            lock (reports)
                reports.Add(value);
        }
    }

    private sealed class Moved(List<TransferProgress> seen) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            lock (seen)
                seen.Add(value);
        }
    }
}
