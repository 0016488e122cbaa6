using WinLayers.Oci.Content;
using WinLayers.Oci.Disk;

namespace WinLayers.Oci.Archives;

/// <summary>
/// An archive in the making: blobs gather in a folder beside the file until the image is complete; then the archive appears at once.
/// </summary>
internal sealed class PendingArchive : IAsyncDisposable
{
    private readonly string _file;
    private readonly bool _replaces;

    private readonly WorkBeside _work;

    private PendingArchive(string file, bool replaces, WorkBeside work, BlobStore blobs)
    {
        _work = work;
        _file = file;
        _replaces = replaces;
        Blobs = blobs;
    }

    /// <summary>What is to be in the archive.</summary>
    public BlobStore Blobs { get; }

    /// <summary>Starts one.</summary>
    /// <param name="file">The archive's file.</param>
    /// <param name="replaces">Whether a plain file of its name is replaced, once the archive is complete.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ArchiveException">A folder, a link or a device has its name: these stay.</exception>
    /// <exception cref="DiskException">A file has its name, and is not to be replaced.</exception>
    public static async Task<PendingArchive> OpenAsync(string file, bool replaces, CancellationToken cancellationToken)
    {
        Check(file, replaces);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var work = WorkBeside.Start(file);
        try
        {
            return new PendingArchive(file, replaces, work,
                await BlobStore.CreateAsync(work.Stem, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    /// <summary>Writes the archive and shows it under its name.</summary>
    public void Publish(Action<ArchiveTarWriter> write)
    {
        // Inside the folder that is removed in any case.
        string temporary = Path.Combine(Blobs.Root, "archive.tar");
        using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
        {
            ArchiveTarWriter tar = new(file);
            write(tar);
            tar.Complete();
            file.Flush(flushToDisk: true);
        }

        // Somebody may have put something there meanwhile.
        Check(_file, _replaces);
        string path = Path.GetFullPath(_file);
        try
        {
            File.Move(temporary, path, _replaces);
        }
        catch (IOException) when (!_replaces && Path.Exists(path))
        {
            throw DiskException.AlreadyThere(_file);
        }

        HostFiles.FlushFolder(Path.GetDirectoryName(path)!);
    }

    public ValueTask DisposeAsync()
    {
        _work.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Check(string file, bool replaces)
    {
        if (!PlainFile.MayReplace(file))
            throw new ArchiveException(ArchiveFailure.NotAFile, file,
                "it is a folder, a link or a device, and an archive replaces plain files alone");
        if (!replaces && File.Exists(file))
            throw DiskException.AlreadyThere(file);
    }
}
