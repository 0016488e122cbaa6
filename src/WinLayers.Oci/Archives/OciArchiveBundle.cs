using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Archives;

/// <summary>
/// An OCI image layout packed as a tar, to be, with any number of images: what several have in common is in it once. Equal images of equal
/// names make equal bytes.
/// </summary>
public sealed class OciArchiveBundle : IAsyncDisposable
{
    private readonly PendingArchive _archive;

    private OciArchiveBundle(PendingArchive archive) => _archive = archive;

    internal BlobStore Blobs => _archive.Blobs;

    /// <summary>Starts an archive, which appears once it is complete.</summary>
    /// <param name="file">The archive's file.</param>
    /// <param name="replace">Whether a plain file of its name, which stays until then, is replaced.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ArchiveException">A folder, a link or a device has the archive's name: these stay.</exception>
    /// <exception cref="DiskException">A file has its name, and is not to be replaced.</exception>
    public static async Task<OciArchiveBundle> OpenAsync(
        string file, bool replace = false, CancellationToken cancellationToken = default) =>
        new(await PendingArchive.OpenAsync(file, replace, cancellationToken).ConfigureAwait(false));

    /// <summary>A place in the archive for an image to go.</summary>
    /// <param name="imageName">The image's name in the layout; null for none.</param>
    public IImageTarget OpenTarget(string? imageName) => OciLayoutTarget.Open(_archive.Blobs, imageName);

    /// <summary>Writes the archive and shows it under its name, once all images are there.</summary>
    /// <exception cref="DiskException">It cannot be written, or something has its name by now.</exception>
    public Task CompleteAsync(CancellationToken cancellationToken = default) =>
        Task.Run(() => _archive.Publish(tar => Write(tar, cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _archive.DisposeAsync();

    // What says what the rest is comes first; blobs by their digests, whatever order they arrived in.
    private void Write(ArchiveTarWriter tar, CancellationToken cancellationToken)
    {
        foreach (string name in (ReadOnlySpan<string>)[BlobStore.LayoutFile, BlobStore.IndexFile])
        {
            using FileStream file = PlainFile.OpenRead(Path.Combine(Blobs.Root, name));
            tar.Write(name, file, cancellationToken);
        }

        foreach ((Digest digest, long size) in Blobs.List().OrderBy(static blob => $"{blob.Digest}", StringComparer.Ordinal))
        {
            using VerifyingStream blob = new(Blobs.OpenRead(digest), $"blob {digest}", digest, size);
            tar.Write(OciArchiveSource.PathOf(digest), blob, cancellationToken);
        }
    }
}
