using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;

namespace WinLayers.Fuzzing.Images;

/// <summary>Manifests, indexes and configurations; the first byte says which media type, or a configuration.</summary>
internal sealed class ManifestTarget : FuzzTarget
{
    private const string Entry = """{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":5,"urls":["https://a/b"],"annotations":{"a":"b"},"platform":{"os":"windows","architecture":"amd64","os.version":"10.0.20348.1","os.features":["win32k"]}}""";

    public override string Name => "json-manifest";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Bytes($$"""m{"schemaVersion":2,"config":{{Entry}},"layers":[{{Entry}},{{Entry}}]}"""),
        Bytes($$$"""i{"schemaVersion":2,"manifests":[{{{Entry}}}],"annotations":{"a":"b"}}"""),
        Bytes("""c{"os":"windows","architecture":"amd64","os.version":"10.0.20348.1","rootfs":{"type":"layers","diff_ids":["sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"]},"history":[{"created_by":"x","empty_layer":true}],"config":{"Cmd":["a"],"Labels":{"a":"b"}}}"""),
        Bytes($$"""p{"mediaType":"{{MediaTypes.OciIndex}}","schemaVersion":2,"manifests":[]}"""),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "\"layers\":", "\"manifests\":", "\"Layers\":", "null", "{}", "[]", "-1", "1e999", "\"\\ud800\"", "\"sha256:\"",
            "\"size\":9223372036854775808" }.Select(Bytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        byte[] json = input[1..].ToArray();
        if (input[0] == 'c')
        {
            ImageConfig config = ImageConfig.Parse(json, "fuzz");
            Require(config.DiffIds.All(static id => Digest.TryParse(id.ToString(), out _)), "a DiffID is a digest");
            return;
        }

        string mediaType = input[0] switch
        {
            (byte)'m' => MediaTypes.OciManifest,
            (byte)'i' => MediaTypes.OciIndex,
            (byte)'d' => MediaTypes.DockerManifest,
            _ => "application/json",
        };
        ImageDocument document = ImageDocument.Parse(new RawManifest(mediaType, Digest.FromHash(new byte[32]), json));
        Require(document is ImageIndex == MediaTypes.IsIndex(document.MediaType), "type and shape agree");
        IEnumerable<Descriptor> all = document is ImageIndex index ? index.Manifests
            : ((ImageManifest)document).Layers.Append(((ImageManifest)document).Config);
        foreach (Descriptor descriptor in all)
            Require(descriptor.Size >= 0 && Digest.TryParse(descriptor.Digest.ToString(), out _), "a descriptor has a size and a digest");
        PlatformMatcher.Choose(all, new PlatformRequest { Host = new WindowsVersion(10, 0, 20348, 1) });
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
