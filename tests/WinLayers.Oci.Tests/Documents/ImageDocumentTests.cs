using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Tests.Documents;

public sealed class ImageDocumentTests
{
    private const string Sha = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Entry = """{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":5}""";

    [Fact]
    public void Parse_Manifest_FindsConfigAndLayers()
    {
        ImageManifest manifest =
            Assert.IsType<ImageManifest>(
            Parse($"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[{Entry},{Entry}]}}", MediaTypes.OciManifest));
        Assert.Equal(Sha, manifest.Config.Digest.ToString());
        Assert.Equal(2, manifest.Layers.Count);
    }

    [Fact]
    public void Parse_PlainServer_TakesTheDocumentsOwnWord() =>
        Assert.IsType<ImageIndex>(
            Parse($"{{\"schemaVersion\":2,\"mediaType\":\"{MediaTypes.OciIndex}\",\"manifests\":[]}}", "application/json"));

    public static TheoryData<string, string> Hostile => new()
    {
        { MediaTypes.OciManifest, "" },
        { MediaTypes.OciManifest, "null" },
        { MediaTypes.OciManifest, "[]" },
        { MediaTypes.OciManifest, "{" },
        { MediaTypes.OciManifest, "{}" },
        { MediaTypes.OciManifest, "{} trailing" },
        { MediaTypes.OciManifest, $"{{\"schemaVersion\":1,\"config\":{Entry},\"layers\":[]}}" },
        { MediaTypes.OciManifest, $"{{\"config\":{Entry},\"layers\":[]}}" },
        { MediaTypes.OciManifest, $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[],\"manifests\":[]}}" },
        { MediaTypes.OciIndex, $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[],\"manifests\":[]}}" },
        { MediaTypes.OciIndex, $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[]}}" },
        { MediaTypes.OciManifest, "{\"schemaVersion\":2,\"manifests\":[]}" },
        { MediaTypes.OciManifest, $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[],\"layers\":[]}}" },
        { MediaTypes.OciManifest, $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[],\"Layers\":[]}}" },
        { MediaTypes.OciManifest, $"{{\"schemaVersion\":2,\"mediaType\":\"{MediaTypes.OciIndex}\",\"config\":{Entry},\"layers\":[]}}" },
        { MediaTypes.OciManifest, $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":{{}}}}" },
        { MediaTypes.OciManifest, $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[1]}}" },
        { MediaTypes.OciManifest,
            $"{{\"schemaVersion\":2,\"config\":{Entry.Replace("\"size\":5", "\"size\":-5", StringComparison.Ordinal)},\"layers\":[]}}" },
        { MediaTypes.OciManifest,
            $"{{\"schemaVersion\":2,\"config\":{Entry.Replace("\"size\":5", "\"size\":1e99", StringComparison.Ordinal)},\"layers\":[]}}" },
        { MediaTypes.OciManifest,
            $"{{\"schemaVersion\":2,\"config\":{Entry.Replace(":0123", ":../3", StringComparison.Ordinal)},\"layers\":[]}}" },
        { MediaTypes.OciManifest,
            $"{{\"schemaVersion\":2,\"config\":{Entry.Replace("vnd.oci", "\\ud800", StringComparison.Ordinal)},\"layers\":[]}}" },
        { MediaTypes.OciManifest, $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[],\"\\ud800\":1}}" },
        { "application/vnd.docker.distribution.manifest.v1+prettyjws", "{\"schemaVersion\":1,\"fsLayers\":[]}" },
        { "text/html", "{}" },
        { "application/json", $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[]}}" },
        { MediaTypes.OciManifest, string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Parse_Hostile_IsRefused(string mediaType, string json) => Assert.Throws<ManifestException>(() => Parse(json, mediaType));

    [Fact]
    public void Parse_NameOfNoUtf8_IsRefused()
    {
        byte[] json = [.. "{\"schemaVersion\":2,\"layers\":[],\""u8, 0xff, .. "\":1}"u8];
        Assert.Throws<ManifestException>(() => ImageDocument.Parse(new RawManifest(MediaTypes.OciManifest, ContentHash.Of(json), json)));
    }

    [Theory]
    [InlineData(ImageDocument.LimitBytes, true)]
    [InlineData(ImageDocument.LimitBytes + 1, false)]
    public void Parse_Size_IsBounded(int length, bool isGood)
    {
        string json = $"{{\"schemaVersion\":2,\"config\":{Entry},\"layers\":[]}}".PadRight(length);
        if (isGood)
            Assert.IsType<ImageManifest>(Parse(json, MediaTypes.OciManifest));
        else
            Assert.Equal("WCL7003", Assert.Throws<ManifestException>(() => Parse(json, MediaTypes.OciManifest)).Code);
    }

    [Theory]
    [InlineData("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:x\"]}}")]
    [InlineData("{\"rootfs\":{\"type\":\"other\",\"diff_ids\":[]}}")]
    [InlineData("{\"os\":\"windows\"}")]
    [InlineData("{\"OS\":\"linux\",\"os\":\"windows\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}")]
    [InlineData("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"config\":{\"Env\":[1]}}")]
    public void ParseConfig_Malformed_IsRefused(string json) =>
        Assert.Throws<ManifestException>(() => ImageConfig.Parse(Encoding.UTF8.GetBytes(json), "test"));

    [Theory]
    [InlineData("application/vnd.oci.image.layer.v1.tar", LayerCompression.None, false)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+GZIP", LayerCompression.GZip, false)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", LayerCompression.Zstd, true)]
    [InlineData("Application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", LayerCompression.GZip, true)]
    [InlineData("application/vnd.docker.image.rootfs.diff.tar.zstd", LayerCompression.Zstd, false)]
    public void MediaTypes_TellCompressionAndForeignness(string mediaType, LayerCompression compression, bool isForeign)
    {
        Assert.Equal(compression, MediaTypes.CompressionOf(mediaType));
        Assert.Equal(isForeign, MediaTypes.IsForeign(mediaType));
        Assert.False(MediaTypes.IsForeign(MediaTypes.WithoutForeign(mediaType)));
        Assert.Equal(compression, MediaTypes.CompressionOf(MediaTypes.WithoutForeign(mediaType)));
    }

    private static ImageDocument Parse(string json, string mediaType)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        return ImageDocument.Parse(new RawManifest(mediaType, ContentHash.Of(bytes), bytes));
    }
}
