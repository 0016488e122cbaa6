using WinLayers.Oci.Disk;

namespace WinLayers.Storage;

/// <summary>
/// A lock among processes: an advisory lock on a file that ends with the process that holds it, however it ends. The same holds among
/// threads of one process.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; null where another holds it.</summary>
    public static StoreLock? TryTake(string path, bool shared = false)
    {
        try
        {
            return (shared ? TryOpenShared(path) : ExclusiveFile.TryOpen(path)) is { } file ? new StoreLock(file) : null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot lock", path);
        }
    }

    /// <summary>Takes the lock, waiting for others.</summary>
    public static async Task<StoreLock> TakeAsync(string path, bool shared, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(path, shared) is { } taken)
                return taken;
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes the lock's file and gives the lock up.</summary>
    public void Remove()
    {
        if (!OperatingSystem.IsWindows())
            File.Delete(_file.Name);
        Dispose();
    }

    public void Dispose() => _file.Dispose();

    // Reading with others that read is what takes a shared lock. A file that is locked so is never removed.
    private static FileStream? TryOpenShared(string path)
    {
        if (!PlainFile.MayReplace(path))
            throw DiskException.NotPlain(path);
        try
        {
            return new FileStream(path,
                new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Read, Share = FileShare.Read, BufferSize = 0 });
        }
        catch (IOException busy) when (ExclusiveFile.IsHeldByAnother(busy))
        {
            return null;
        }
    }
}
