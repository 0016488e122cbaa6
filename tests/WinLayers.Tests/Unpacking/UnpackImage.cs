using System.Text.Json.Nodes;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Tests.Unpacking;

/// <summary>Images of given layers in a layout of their own, and a source that can be told to misbehave.</summary>
internal static class UnpackImage
{
    public static async Task<IImageSource> OfAsync(BlobStore layout, params byte[][] tars) =>
        await OfAsync(layout, tars, [.. tars.Select(tar => TestBytes.Compress(tar))]);

    public static async Task<IImageSource> OfAsync(BlobStore layout, byte[][] tars, byte[][] blobs)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        byte[] config = ImageFixture.Config(tars);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = ImageFixture.Descriptor(MediaTypes.OciConfig, config),
            ["layers"] = new JsonArray([.. blobs.Select(blob => (JsonNode)ImageFixture.Descriptor(MediaTypes.OciLayerGZip, blob))]),
        };
        byte[] bytes = ImageFixture.Bytes(manifest);
        foreach (byte[] blob in (byte[][])[.. blobs, config, bytes])
            await layout.PutAsync(ImageFixture.DigestOf(blob), blob, token);
        await layout.Index.SetAsync("image", ImageFixture.Of(MediaTypes.OciManifest, bytes), token);
        return OciLayoutSource.Open(layout, "image");
    }
}

/// <summary>A source that passes every blob through a stream of the test's making.</summary>
internal sealed class ChangedSource(IImageSource inner, Func<Descriptor, Stream, Stream> change) : IImageSource
{
    public string Name => inner.Name;

    public Task<RawManifest> GetManifestAsync(Digest? digest, CancellationToken cancellationToken = default) =>
        inner.GetManifestAsync(digest, cancellationToken);

    public async Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default) =>
        change(blob, await inner.OpenBlobAsync(blob, offset, cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
