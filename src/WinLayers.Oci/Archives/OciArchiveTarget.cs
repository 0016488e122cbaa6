using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
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
    private readonly PendingArchive _archive;

    private OciArchiveTarget(OciArchiveReference reference, PendingArchive archive)
    {
        _reference = reference;
        _archive = archive;
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
            reference, await PendingArchive.OpenAsync(reference.File, replace, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public Task<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken = default) =>
        Task.FromResult(_archive.Blobs.Contains(blob));

    /// <inheritdoc/>
    public Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken = default) =>
        _archive.Blobs.PutAsync(blob, content, cancellationToken);

    /// <inheritdoc/>
    public async Task PutManifestAsync(RawManifest manifest, bool isRoot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        BlobStore blobs = _archive.Blobs;
        await blobs.PutAsync(manifest.Digest, manifest.Bytes, cancellationToken).ConfigureAwait(false);
        if (!isRoot)
            return;
        Descriptor root = new() { MediaType = manifest.MediaType, Digest = manifest.Digest, Size = manifest.Bytes.Length };
        await blobs.Index.SetAsync(_reference.Name, root, cancellationToken).ConfigureAwait(false);
        await Task.Run(() => _archive.Publish(tar => Write(tar, blobs, cancellationToken)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _archive.DisposeAsync();

    // What says what the rest is comes first; blobs by their digests, whatever order they arrived in.
    private static void Write(ArchiveTarWriter tar, BlobStore blobs, CancellationToken cancellationToken)
    {
        foreach (string name in (ReadOnlySpan<string>)[BlobStore.LayoutFile, BlobStore.IndexFile])
        {
            using FileStream file = PlainFile.OpenRead(Path.Combine(blobs.Root, name));
            tar.Write(name, file, cancellationToken);
        }

        foreach ((Digest digest, long size) in blobs.List().OrderBy(static blob => $"{blob.Digest}", StringComparer.Ordinal))
        {
            using VerifyingStream blob = new(blobs.OpenRead(digest), $"blob {digest}", digest, size);
            tar.Write(OciArchiveSource.PathOf(digest), blob, cancellationToken);
        }
    }
}
