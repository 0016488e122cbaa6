using WinLayers.Hosts.Portable;

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
        while (true)
        {
            if (TryOpen(path, shared) is not { } file)
                return null;

            // Whoever collects leftovers may have removed the file between our opening and locking it: then a lock on it locks nothing.
            if (shared || OperatingSystem.IsWindows() || IsStillThere(path))
                return new StoreLock(file);
            file.Dispose();
        }
    }

    /// <summary>Takes the lock, waiting for others.</summary>
    public static async Task<StoreLock> TakeAsync(string path, bool shared, CancellationToken cancellationToken)
    {
        while (true)
        {
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

    private static FileStream? TryOpen(string path, bool shared)
    {
        try
        {
            // Reading with others that read is what takes a shared lock, and None an exclusive one.
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = shared ? FileAccess.Read : FileAccess.ReadWrite,
                Share = shared ? FileShare.Read : FileShare.None,
                BufferSize = 0,
            });
        }
        catch (IOException busy) when (IsHeldByAnother(busy))
        {
            return null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw StorageException.FromIO(cause, "cannot lock", path);
        }
    }

    // A second try to lock the same file fails; one that succeeds has found another file under the name.
    private static bool IsStillThere(string path)
    {
        try
        {
            new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 }).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException busy) when (IsHeldByAnother(busy))
        {
            return true;
        }
    }

    private static bool IsHeldByAnother(IOException cause)
    {
        const int wouldBlockLinux = 11, wouldBlockApple = 35;
        const int sharingViolation = unchecked((int)0x80070020), lockViolation = unchecked((int)0x80070021);
        return OperatingSystem.IsWindows()
            ? cause.HResult is sharingViolation or lockViolation
            : cause.HResult is wouldBlockLinux or wouldBlockApple;
    }
}
