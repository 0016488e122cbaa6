using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Archives;

/// <summary>
/// An OCI image layout packed as a tar, to be: an image or an index with all its images, no blob encoded anew. Equal images of equal names
/// make equal bytes.
/// </summary>
public sealed class OciArchiveTarget : IImageTarget
{
    private readonly OciArchiveReference _reference;
    private readonly OciArchiveBundle _bundle;
    private readonly IImageTarget _image;

    private OciArchiveTarget(OciArchiveReference reference, OciArchiveBundle bundle)
    {
        _reference = reference;
        _bundle = bundle;
        _image = bundle.OpenTarget(reference.Name);
    }

    /// <inheritdoc/>
    public string Name => _reference.ToString();

    /// <summary>Starts an archive, which appears once it is complete.</summary>
    /// <param name="reference">Where; its name, if it has one, is the image's name in the layout.</param>
    /// <param name="replace">Whether a plain file of the archive's name, which stays until then, is replaced.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ArchiveException">A folder, a link or a device has the archive's name: these stay.</exception>
    /// <exception cref="DiskException">A file has its name, and is not to be replaced.</exception>
    public static async Task<OciArchiveTarget> OpenAsync(
        OciArchiveReference reference, bool replace = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return new OciArchiveTarget(
            reference, await OciArchiveBundle.OpenAsync(reference.File, replace, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public Task<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken = default) =>
        _image.HasBlobAsync(blob, cancellationToken);

    /// <inheritdoc/>
    public Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken = default) =>
        _image.PutBlobAsync(blob, content, cancellationToken);

    /// <inheritdoc/>
    public async Task PutManifestAsync(RawManifest manifest, bool isRoot, CancellationToken cancellationToken = default)
    {
        await _image.PutManifestAsync(manifest, isRoot, cancellationToken).ConfigureAwait(false);
        if (isRoot)
            await _bundle.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _bundle.DisposeAsync();
}
