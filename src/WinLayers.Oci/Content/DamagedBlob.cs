using WinLayers.Formats;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>
/// A blob whose file is not what its name says: the disk, or another tool, changed it after it was verified. It is moved out of the way,
/// so that nothing trusts it any more and the next fetch brings it anew.
/// </summary>
internal static class DamagedBlob
{
    /// <summary>Moves a blob that is damaged to the partial files, with which it is collected.</summary>
    /// <returns>What was wrong, to be thrown where the blob was needed; null where the blob is whole or not there.</returns>
    public static async Task<BlobStoreException?> SetAsideAsync(BlobStore store, Descriptor blob, CancellationToken cancellationToken)
    {
        if (await FindAsync(store, blob, cancellationToken).ConfigureAwait(false) is not { } first)
            return null;
        string path = store.PathOf(blob.Digest);
        string aside = Path.Combine(store.PartialFolder, $"{blob.Digest.Hex}.{Guid.NewGuid():N}.damaged");
        try
        {
            Directory.CreateDirectory(store.PartialFolder);
            string partial = store.PartialOf(blob.Digest);

            // Whoever writes the blob holds this file, so nobody puts a whole one in its place between the second look and the move.
            FileStream held = await ExclusiveFile.OpenAsync(partial, cancellationToken).ConfigureAwait(false);
            await using (held.ConfigureAwait(false))
            {
                if (await FindAsync(store, blob, cancellationToken).ConfigureAwait(false) is null)
                    return null;
                if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
                    Directory.Move(path, aside);
                else
                    File.Move(path, aside);
                HostFiles.FlushFolder(Path.GetDirectoryName(path)!);

                // Removed while it is held: whoever waits for it looks whether it is still there.
                if (held.Length == 0)
                    File.Delete(partial);
            }
        }
        catch (Exception cause) when (cause is not WinLayersException and (IOException or UnauthorizedAccessException))
        {
            return new BlobStoreException(BlobStoreFailure.Damaged,
                $"The stored blob '{path}' is damaged: {first}. It cannot be moved away: {cause.Message}", cause)
            {
                Remedy = $"Remove the file. {BlobStore.Refetch}",
            };
        }

        return Describe(path, $"{first}. It is now '{aside}'");
    }

    /// <summary>The same without moving anything: for places that are not ours to change.</summary>
    public static async Task<BlobStoreException?> DescribeAsync(BlobStore store, Descriptor blob, CancellationToken cancellationToken) =>
        await FindAsync(store, blob, cancellationToken).ConfigureAwait(false) is { } problem ? Describe(store.PathOf(blob.Digest), problem)
            : null;

    private static BlobStoreException Describe(string path, string problem) =>
        new(BlobStoreFailure.Damaged, $"The stored blob '{path}' is damaged: {problem}.") { Remedy = BlobStore.Refetch };

    // What is wrong with it; null where nothing is, and where it is not there.
    private static async Task<string?> FindAsync(BlobStore store, Descriptor blob, CancellationToken cancellationToken)
    {
        try
        {
            VerifyingStream content = store.OpenVerified(blob);
            await using (content.ConfigureAwait(false))
                await content.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (DigestMismatchException other)
        {
            return $"it has the digest {other.Actual}";
        }
        catch (SizeMismatchException other)
        {
            return $"it does not have its {other.Expected} bytes";
        }
        catch (DiskException other) when (other.Reason is DiskFailure.NotAPlainFile)
        {
            return "it is a link, a folder or a device";
        }
        catch (BlobStoreException gone) when (gone.Reason is BlobStoreFailure.Missing)
        {
            return null;
        }
    }
}
