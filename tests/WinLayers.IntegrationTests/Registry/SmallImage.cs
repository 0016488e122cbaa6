using System.IO.Compression;
using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>An image of one layer, whose bytes say nothing but cannot be compressed.</summary>
internal sealed class SmallImage
{
    public SmallImage(int seed = 1, int bytes = 3 << 20, string mediaType = MediaTypes.OciLayerGZip, string? url = null,
        string osVersion = "10.0.20348.1")
    {
        byte[] content = new byte[bytes];
        new Random(seed).NextBytes(content);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        LayerBytes = packed.ToArray();
        ConfigBytes = Encoding.UTF8.GetBytes(
            $$"""{"os":"windows","architecture":"amd64","os.version":"{{osVersion}}","config":{},"rootfs":{"type":"layers","diff_ids":["{{ContentHash.Of(content)}}"]} }""");
        Layer = new Descriptor
        {
            MediaType = mediaType,
            Digest = ContentHash.Of(LayerBytes),
            Size = LayerBytes.Length,
            Urls = url is null ? [] : [url]
        };
        Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = ContentHash.Of(ConfigBytes), Size = ConfigBytes.Length };
        string urls = url is null ? "" : $",\"urls\":[\"{url}\"]";
        byte[] manifest = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"{{Config.MediaType}}","digest":"{{Config.Digest}}","size":{{Config.Size}} },
             "layers":[{"mediaType":"{{mediaType}}","digest":"{{Layer.Digest}}","size":{{Layer.Size}}{{urls}} }]}
            """);
        Manifest = new RawManifest(MediaTypes.OciManifest, ContentHash.Of(manifest), manifest);
    }

    public byte[] LayerBytes { get; }

    public byte[] ConfigBytes { get; }

    public Descriptor Layer { get; }

    public Descriptor Config { get; }

    public RawManifest Manifest { get; }

    /// <summary>Writes the image as an OCI layout, without any of our own code for it.</summary>
    public void WriteLayout(string folder, string name)
    {
        Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256"));
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        foreach ((Digest digest, ReadOnlyMemory<byte> bytes) in new[] { (Layer.Digest, LayerBytes.AsMemory()),
            (Config.Digest, ConfigBytes), (Manifest.Digest, Manifest.Bytes) })
            File.WriteAllBytes(Path.Combine(folder, "blobs", "sha256", digest.Hex), bytes.ToArray());
        File.WriteAllText(
            Path.Combine(folder, "index.json"),
            $$"""
            {"schemaVersion":2,"manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Manifest.Digest}}","size":{{Manifest.Bytes.Length}},
             "annotations":{"org.opencontainers.image.ref.name":"{{name}}"} }]}
            """);
    }
}
