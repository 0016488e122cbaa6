using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Layouts;

/// <summary>An image to be in an OCI image layout folder.</summary>
public sealed class OciLayoutTarget : IImageTarget
{
    private readonly string? _imageName;

    private OciLayoutTarget(BlobStore store, string name, string? imageName)
    {
        Store = store;
        Name = name;
        _imageName = imageName;
    }

    /// <inheritdoc/>
    public string Name { get; }

    internal BlobStore Store { get; }

    /// <summary>Opens a layout folder, or makes one of a folder that is empty or not there.</summary>
    /// <exception cref="BlobStoreException">The folder holds other things.</exception>
    public static async Task<OciLayoutTarget> OpenAsync(LayoutReference reference, CancellationToken cancellationToken = default) =>
        new(await BlobStore.CreateAsync(reference.Folder, cancellationToken).ConfigureAwait(false), reference.ToString(), reference.Name);

    /// <summary>Sends to a store at hand; the image is listed under this name there.</summary>
    public static OciLayoutTarget Open(BlobStore store, string? imageName) => new(store, imageName ?? store.Root, imageName);

    /// <inheritdoc/>
    public Task<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken = default) => Task.FromResult(Store.Contains(blob));

    /// <inheritdoc/>
    public Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken = default) =>
        Store.PutAsync(blob, content, cancellationToken);

    /// <inheritdoc/>
    public async Task PutManifestAsync(RawManifest manifest, bool isRoot, CancellationToken cancellationToken = default)
    {
        await Store.PutAsync(manifest.Digest, manifest.Bytes, cancellationToken).ConfigureAwait(false);
        if (!isRoot)
            return;
        Descriptor root = new() { MediaType = manifest.MediaType, Digest = manifest.Digest, Size = manifest.Bytes.Length };
        await Store.Index.SetAsync(_imageName, root, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
