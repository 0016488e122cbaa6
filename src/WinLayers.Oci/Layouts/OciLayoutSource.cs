using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Layouts;

/// <summary>An image in an OCI image layout folder.</summary>
public sealed class OciLayoutSource : IImageSource
{
    private readonly string? _imageName;
    private readonly Digest? _digest;

    private OciLayoutSource(BlobStore store, string name, string? imageName, Digest? digest)
    {
        Store = store;
        Name = name;
        _imageName = imageName;
        _digest = digest;
    }

    /// <inheritdoc/>
    public string Name { get; }

    internal BlobStore Store { get; }

    /// <summary>Opens a layout folder; changes nothing in it.</summary>
    /// <exception cref="BlobStoreException">The folder is no OCI image layout.</exception>
    public static OciLayoutSource Open(LayoutReference reference) =>
        new(BlobStore.Open(reference.Folder), reference.ToAbsolute().ToString(), reference.Name, reference.Digest);

    /// <summary>Opens an image of a store at hand, by the name that its index has for it or by digest.</summary>
    public static OciLayoutSource Open(BlobStore store, string? imageName, Digest? digest = null) =>
        new(store, imageName ?? digest?.ToString() ?? store.Root, imageName, digest);

    /// <summary>Whether a source reads this very store.</summary>
    internal static bool IsOf(IImageSource source, BlobStore store) =>
        source is OciLayoutSource layout
        && string.Equals(layout.Store.Root, store.Root,
            OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    /// <inheritdoc/>
    public async Task<RawManifest> GetManifestAsync(Digest? digest, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<Descriptor> listed = digest is null && _digest is null ? FindRoot() : [];
        Digest wanted = digest ?? _digest ?? listed[0].Digest;
        byte[] bytes = await Store.ReadAsync(wanted, ImageDocument.LimitBytes, cancellationToken).ConfigureAwait(false);

        // A layout keeps no media types beside its blobs: the document's own word, or its shape, tells.
        string mediaType = ImageDocument.TypeOf(bytes, wanted.ToString());
        LayoutRoot.Check(listed, Store.Root, mediaType, bytes.Length);
        return new RawManifest(mediaType, wanted, bytes);
    }

    /// <inheritdoc/>
    public Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default)
    {
        FileStream file = Store.OpenRead(blob.Digest);
        file.Position = offset;
        return Task.FromResult<Stream>(file);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IReadOnlyList<Descriptor> FindRoot() =>
        LayoutRoot.Find(Store.Index.Read().Manifests, _imageName, out string problem, out bool isAmbiguous)
            ?? throw new BlobStoreException(
                isAmbiguous ? BlobStoreFailure.AmbiguousName : BlobStoreFailure.UnknownName, $"'{Store.Root}' has {problem}.")
            {
                Remedy = isAmbiguous ? "Name one: oci:<folder>:<name> or oci:<folder>@<digest>." : null,
            };
}
