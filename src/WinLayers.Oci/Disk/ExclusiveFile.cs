namespace WinLayers.Oci.Disk;

/// <summary>Files that one process has to itself while it has them open: locks, and what is being written.</summary>
internal static class ExclusiveFile
{
    /// <summary>Opens a file, made where it is not there, that no other process may use meanwhile; waits as long as one does.</summary>
    public static async Task<FileStream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpen(path) is { } file)
                return file;
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The same without waiting: null where another process uses it.</summary>
    public static FileStream? TryOpen(string path)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,

            // Elsewhere a rename needs no leave from whoever has the file open, and None is what takes the advisory lock.
            Share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None,
            BufferSize = 0,
        };
        for (int attempt = 0; ; attempt++)
        {
            // A pipe would be waited for without end.
            if (!PlainFile.MayReplace(path))
                throw DiskException.NotPlain(path);
            FileStream file;
            try
            {
                file = new FileStream(path, options);
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                return null;
            }

            // It may have been renamed or removed between our opening and locking it: then a lock on it locks nothing. Where that seems to
            // happen again and again, the file system gives a file no lasting number or has no locks, and it is one process's store.
            const int enough = 20;
            if (OperatingSystem.IsWindows() || attempt == enough
                || (OperatingSystem.IsLinux() ? IsAt(path, file) : IsStillThere(path, options)))
                return file;
            file.Dispose();
        }
    }

    private static bool IsAt(string path, FileStream file)
    {
        // The folder itself, also where its owner named it by a link.
        using HostFolder folder = HostFolder.Open(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "."));
        return folder.Find(Path.GetFileName(path)) is { } found && found.FileId == UnixItem.Of(file.SafeFileHandle, path).FileId;
    }

    // A second try to lock the same file fails; one that succeeds has found another file under the name. One that fails may have met
    // another file that somebody else holds: where the system tells files apart, IsAt asks it.
    private static bool IsStillThere(string path, FileStreamOptions options)
    {
        try
        {
            new FileStream(path,
                new FileStreamOptions { Mode = FileMode.Open, Access = options.Access, Share = options.Share, BufferSize = 0 }).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            return true;
        }
    }

    /// <summary>Whether opening failed because another process uses the file.</summary>
    public static bool IsHeldByAnother(IOException e)
    {
        const int wouldBlockLinux = 11, wouldBlockDarwin = 35;
        const int sharingViolation = unchecked((int)0x80070020), lockViolation = unchecked((int)0x80070021);
        return OperatingSystem.IsWindows()
            ? e.HResult is sharingViolation or lockViolation
            : e.HResult is wouldBlockLinux or wouldBlockDarwin;
    }
}
