using System.Buffers;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>
/// A folder that is an OCI image layout: <c>oci-layout</c>, <c>index.json</c> and <c>blobs/&lt;algorithm&gt;/&lt;hex&gt;</c>. A blob that
/// is there is whole: it was verified, synced and renamed into place. Safe for use by several threads and processes at once.
/// </summary>
public sealed class BlobStore
{
    /// <summary>The file by which a folder is known to be an OCI image layout.</summary>
    public const string LayoutFile = "oci-layout";

    internal const string IndexFile = "index.json";

    /// <summary>What to do about a blob that is damaged.</summary>
    internal const string Refetch = "Fetch it again from where the image came from.";

    private const int CopyBufferLength = 256 << 10;

    private BlobStore(string root) => Root = root;

    /// <summary>The layout's folder, absolute.</summary>
    public string Root { get; }

    /// <summary>The layout's index: its images and their names.</summary>
    public LayoutIndex Index => new(this);

    internal string TemporaryFolder => Path.Combine(Root, "tmp");

    /// <summary>Blobs in the making, each its own lock.</summary>
    internal string PartialFolder => Path.Combine(TemporaryFolder, "blobs");

    /// <summary>The file in which a blob is made.</summary>
    internal string PartialOf(Digest digest) => Path.Combine(PartialFolder, digest.Hex + ".partial");

    /// <summary>Opens a layout that is there; changes nothing.</summary>
    /// <exception cref="BlobStoreException">The folder is no OCI image layout.</exception>
    public static BlobStore Open(string root)
    {
        BlobStore store = new(Path.GetFullPath(root));
        LayoutMarker.Check(store);
        return store;
    }

    /// <summary>Opens a layout, and makes one of a folder that is empty or not there.</summary>
    /// <exception cref="BlobStoreException">
    /// The folder holds other things, or a layout of a version that is not known.
    /// </exception>
    /// <exception cref="DiskException">Links are in place of the layout's own folders.</exception>
    public static async Task<BlobStore> CreateAsync(string root, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BlobStore store = new(Path.GetFullPath(root));
        bool isThere = File.Exists(Path.Combine(store.Root, LayoutFile));
        if (!isThere)
            LayoutMarker.CheckUsable(store);
        LayoutMarker.RefuseLinks(store);
        Directory.CreateDirectory(Path.Combine(store.Root, "blobs", "sha256"));
        if (!isThere)
            LayoutMarker.Write(store);
        LayoutMarker.Check(store);
        await store.Index.EnsureAsync(cancellationToken).ConfigureAwait(false);
        return store;
    }

    /// <summary>Makes the file by which the layout is known anew where it is damaged or gone.</summary>
    /// <exception cref="BlobStoreException">It is whole, and of a version that is not known.</exception>
    internal static void MendMarker(string root)
    {
        BlobStore store = new(Path.GetFullPath(root));
        try
        {
            LayoutMarker.Check(store);
        }
        catch (Exception damaged) when (damaged is ManifestException or DiskException { Reason: DiskFailure.NotAPlainFile }
            || !Path.Exists(Path.Combine(store.Root, LayoutFile)))
        {
            // Which is what this is for.
            string marker = Path.Combine(store.Root, LayoutFile);
            if (Directory.Exists(marker) && new DirectoryInfo(marker).LinkTarget is null)
                Directory.Move(marker, Path.Combine(store.TemporaryFolder, $"{LayoutFile}.{Guid.NewGuid():N}"));
            LayoutMarker.Write(store);
        }
    }

    /// <summary>Where a blob's file is, whether it is there or not.</summary>
    public string PathOf(Digest digest) => Path.Combine(Root, "blobs", digest.Algorithm, digest.Hex);

    /// <summary>Whether the blob is there.</summary>
    public bool Contains(Digest digest) => File.Exists(PathOf(digest));

    /// <summary>Whether the blob is there with its right size.</summary>
    public bool Contains(Descriptor blob)
    {
        FileInfo file = new(PathOf(blob.Digest));
        return file.Exists && file.Length == blob.Size;
    }

    /// <summary>
    /// Opens a blob. The bytes are not verified again; whoever distrusts the disk wraps them in a <see cref="VerifyingStream"/>. Belongs
    /// to the caller.
    /// </summary>
    /// <exception cref="BlobStoreException">The blob is not there.</exception>
    /// <exception cref="DiskException">It is no plain file.</exception>
    public FileStream OpenRead(Digest digest)
    {
        try
        {
            return PlainFile.OpenRead(PathOf(digest));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobStoreException(BlobStoreFailure.Missing, $"The blob {digest} is not in '{Root}'.", e);
        }
    }

    /// <summary>Opens a blob so that reading it to its end verifies it; what is wrong names the file. Belongs to the caller.</summary>
    /// <exception cref="BlobStoreException">The blob is not there.</exception>
    /// <exception cref="DiskException">It is no plain file.</exception>
    public VerifyingStream OpenVerified(Descriptor blob) => new(OpenRead(blob.Digest), NameOf(blob.Digest), blob.Digest, blob.Size);

    /// <summary>Reads a small document whole and verifies it.</summary>
    /// <exception cref="BlobStoreException">It is not there.</exception>
    /// <exception cref="ManifestException">It is larger than <paramref name="limitBytes"/>.</exception>
    /// <exception cref="DigestMismatchException">Its bytes have another digest.</exception>
    public async Task<byte[]> ReadAsync(Digest digest, int limitBytes, CancellationToken cancellationToken = default)
    {
        FileStream file = OpenRead(digest);
        await using (file.ConfigureAwait(false))
        {
            byte[] bytes = await DocumentBytes.ReadAsync(file, digest.ToString(), limitBytes, cancellationToken).ConfigureAwait(false);
            Digest actual = ContentHash.Of(bytes, digest);
            return actual == digest ? bytes
                : throw new DigestMismatchException(NameOf(digest), digest, actual, bytes.Length) { Remedy = Refetch };
        }
    }

    /// <summary>
    /// Starts or resumes writing a blob: what an earlier run left of it is hashed again and counts. Waits while another process writes
    /// the same blob. Null: the blob is there.
    /// </summary>
    internal async Task<BlobWriter?> BeginWriteAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Contains(blob))
            return null;
        Directory.CreateDirectory(PartialFolder);
        string partial = PartialOf(blob.Digest);

        // The partial file is its own lock: whoever has it open writes it.
        FileStream file = await ExclusiveFile.OpenAsync(partial, cancellationToken).ConfigureAwait(false);
        try
        {
            // Whoever we waited for may have finished, and what we hold is then the blob itself under its new name, or a left-over.
            if (!Contains(blob))
            {
                HostFiles.RequireRoom(PartialFolder, partial, blob.Size - Math.Min(file.Length, blob.Size));
                return await BlobWriter.ResumeAsync(this, blob, file, partial, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await file.DisposeAsync().ConfigureAwait(false);
        DeleteLeftover(partial);
        return null;
    }

    /// <summary>Stores a blob from its first byte on; bytes that do not match the descriptor are refused and nothing is stored.</summary>
    public async Task PutAsync(Descriptor blob, Stream content, CancellationToken cancellationToken = default)
    {
        BlobWriter? writer = await BeginWriteAsync(blob, cancellationToken).ConfigureAwait(false);
        if (writer is null)
            return;
        await using (writer.ConfigureAwait(false))
        {
            writer.Restart();
            byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBufferLength);
            try
            {
                while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
                    writer.Write(buffer.AsSpan(0, count));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            writer.Commit();
        }
    }

    /// <summary>Stores a small document under its own digest. One that is there and damaged is replaced.</summary>
    public async Task PutAsync(Digest digest, ReadOnlyMemory<byte> document, CancellationToken cancellationToken = default)
    {
        Descriptor blob = new() { MediaType = "", Digest = digest, Size = document.Length };
        if (Contains(blob) || Directory.Exists(PathOf(digest)))
            await DamagedBlob.SetAsideAsync(this, blob, cancellationToken).ConfigureAwait(false);
        BlobWriter? writer = await BeginWriteAsync(blob, cancellationToken).ConfigureAwait(false);
        if (writer is null)
            return;
        await using (writer.ConfigureAwait(false))
        {
            writer.Restart();
            writer.Write(document.Span);
            writer.Commit();
        }
    }

    /// <summary>Removes a blob; false where it was not there.</summary>
    public bool Delete(Digest digest)
    {
        string path = PathOf(digest);
        if (!File.Exists(path))
            return false;
        File.Delete(path);
        return true;
    }

    /// <summary>Every blob that is there, with its size. Files that are not named by a digest are passed over.</summary>
    public IEnumerable<(Digest Digest, long Size)> List()
    {
        DirectoryInfo blobs = new(Path.Combine(Root, "blobs"));
        foreach (DirectoryInfo algorithm in blobs.Exists ? blobs.EnumerateDirectories() : [])
        {
            foreach (FileInfo file in algorithm.EnumerateFiles())
            {
                if (Digest.TryParse($"{algorithm.Name}:{file.Name}", out Digest digest))
                    yield return (digest, file.Length);
            }
        }
    }

    /// <summary>
    /// Whether a file of the temporary folder is one that <see cref="Replace"/> writes: left there by whoever was killed.
    /// </summary>
    internal static bool IsReplacement(string name) =>
        name.StartsWith(IndexFile + ".", StringComparison.Ordinal) || name.StartsWith(LayoutFile + ".", StringComparison.Ordinal);

    /// <summary>Writes a file of the layout whole or not at all.</summary>
    internal void Replace(string name, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(TemporaryFolder);
        string temporary = Path.Combine(TemporaryFolder, $"{name}.{Guid.NewGuid():N}");
        try
        {
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path.Combine(Root, name), overwrite: true);
            HostFiles.FlushFolder(Root);
        }
        catch
        {
            DeleteLeftover(temporary);
            throw;
        }
    }

    private string NameOf(Digest digest) => $"stored blob '{PathOf(digest)}'";

    private static void DeleteLeftover(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Someone uses it, or the disk is failing, which the error on its way tells; the collection of leftovers comes by.
        }
    }
}
