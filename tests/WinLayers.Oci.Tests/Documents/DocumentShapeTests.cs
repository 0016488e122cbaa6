using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Tests.Documents;

/// <summary>A document that one reader takes for an index and another for an image is neither.</summary>
public sealed class DocumentShapeTests
{
    private const string Entry =
        """{"mediaType":"x/y","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":5}""";

    public static TheoryData<string, string> TwoReadings => new()
    {
        { MediaTypes.OciIndex, """{"schemaVersion":2,"manifests":[],"layers":[]}""" },
        { MediaTypes.OciIndex, $$"""{"schemaVersion":2,"manifests":[],"config":{{Entry}}}""" },
        { MediaTypes.OciIndex, $$"""{"schemaVersion":2,"manifests":[],"layers":[],"config":{{Entry}}}""" },
        { MediaTypes.OciIndex, """{"schemaVersion":2,"manifests":[],"layers":null}""" },
        { MediaTypes.OciManifest, """{"schemaVersion":2,"manifests":[],"layers":[]}""" },
        { MediaTypes.OciManifest, $$"""{"schemaVersion":2,"manifests":[],"config":{{Entry}}}""" },
        { MediaTypes.DockerIndex, $$"""{"schemaVersion":2,"manifests":[{{Entry}}],"layers":[{{Entry}}]}""" },
    };

    [Theory]
    [MemberData(nameof(TwoReadings))]
    public void Parse_ManifestsBesideLayersOrConfig_IsRefused(string mediaType, string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        var document = new RawManifest(mediaType, ContentHash.Of(bytes), bytes);

        ManifestException refused = Assert.Throws<ManifestException>(() => ImageDocument.Parse(document));

        Assert.Equal("WCL7001", refused.Code);
        Assert.Contains("both 'manifests' and", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ManifestsAlone_IsAnIndex()
    {
        byte[] bytes = """{"schemaVersion":2,"manifests":[]}"""u8.ToArray();

        Assert.IsType<ImageIndex>(ImageDocument.Parse(new RawManifest(MediaTypes.OciIndex, ContentHash.Of(bytes), bytes)));
    }
}
