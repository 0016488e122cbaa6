using System.Text.Json.Nodes;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>An image in memory, whose parts say whatever a test wants them to.</summary>
internal sealed class CorpusImage : IImageSource
{
    private readonly Dictionary<Digest, byte[]> _blobs = [];
    private RawManifest _root;

    private CorpusImage(RawManifest root) => _root = root;

    public string Name => "corpus";

    /// <summary>The image of these layers, base first.</summary>
    public static CorpusImage Of(params IReadOnlyList<(byte[] Tar, byte[] Blob)> layers)
    {
        byte[] config = ImageFixture.Config(layers.Select(layer => layer.Tar));
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = ImageFixture.Descriptor(MediaTypes.OciConfig, config),
            ["layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)ImageFixture.Descriptor(TypeOf(layer.Blob), layer.Blob))]),
        };
        return OfDocument(ImageFixture.Bytes(manifest), MediaTypes.OciManifest, [config, .. layers.Select(layer => layer.Blob)]);
    }

    /// <summary>The image that this document says, with blobs that it may name.</summary>
    public static CorpusImage OfDocument(byte[] document, string mediaType, params IEnumerable<byte[]> blobs)
    {
        var image = new CorpusImage(new RawManifest(mediaType, ImageFixture.DigestOf(document), document));
        foreach (byte[] blob in blobs)
            image._blobs[ImageFixture.DigestOf(blob)] = blob;
        return image;
    }

    /// <summary>The same, with other bytes in the place of a blob.</summary>
    public CorpusImage Replace(Digest blob, byte[] bytes)
    {
        _blobs[blob] = bytes;
        return this;
    }

    /// <summary>The same, whose manifest claims another digest.</summary>
    public CorpusImage Claim(Digest digest)
    {
        _root = _root with { Digest = digest };
        return this;
    }

    public Task<RawManifest> GetManifestAsync(Digest? digest, CancellationToken cancellationToken = default)
    {
        if (digest is not { } wanted || wanted == _root.Digest)
            return Task.FromResult(_root);
        byte[] bytes = _blobs.TryGetValue(wanted, out byte[]? found) ? found
            : throw new ManifestException(ManifestFailure.NotFound, wanted.ToString(), "the corpus has no such manifest");
        string type = JsonNode.Parse(bytes)?["mediaType"]?.GetValue<string>() ?? MediaTypes.OciManifest;
        return Task.FromResult(new RawManifest(type, wanted, bytes));
    }

    public Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default) =>
        _blobs.TryGetValue(blob.Digest, out byte[]? bytes)
            ? Task.FromResult<Stream>(new MemoryStream(bytes, (int)offset, bytes.Length - (int)offset, writable: false))
            : throw new ManifestException(ManifestFailure.NotFound, blob.Digest.ToString(), "the corpus has no such blob");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string TypeOf(byte[] blob) => blob switch
    {
        [0x1f, 0x8b, ..] => MediaTypes.OciLayerGZip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => MediaTypes.OciLayerZstd,
        _ => MediaTypes.OciLayer,
    };
}
