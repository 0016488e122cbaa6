namespace WinLayers.Oci.Disk;

/// <summary>
/// A file in the making, which gets its name when it is whole. On Linux it has none before, so that whoever is killed leaves nothing;
/// elsewhere, and on file systems without such files, it has one beside, which the next run for the same file removes.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path;
    private readonly HostFolder? _folder;
    private readonly WorkBeside? _work;

    private PartialFile(string path, FileStream stream, HostFolder? folder, WorkBeside? work)
    {
        _path = path;
        _folder = folder;
        _work = work;
        Stream = stream;
    }

    /// <summary>Takes what is written, unbuffered.</summary>
    public FileStream Stream { get; }

    /// <summary>Starts a file.</summary>
    /// <exception cref="DiskException">The folder is not there, or cannot be written.</exception>
    public static PartialFile Create(string path)
    {
        string full = Path.GetFullPath(path), around = Path.GetDirectoryName(full) ?? full;
        if (!OperatingSystem.IsWindows())
        {
            // The folder itself, also where its owner named it by a link.
            HostFolder folder = HostFolder.Open(Path.Combine(around, "."));
            if (folder.TryMakeUnnamedFile() is { } unnamed)
                return new PartialFile(full, new FileStream(unnamed, FileAccess.ReadWrite, bufferSize: 0), folder, work: null);
            folder.Dispose();
        }

        WorkBeside work = WorkBeside.Start(full);
        try
        {
            FileStream named = new(work.Stem, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0);
            return new PartialFile(full, named, folder: null, work);
        }
        catch (Exception cause)
        {
            work.Dispose();
            if (cause is IOException or UnauthorizedAccessException)
                throw DiskException.FromIO(cause, "cannot write", full);
            throw;
        }
    }

    /// <summary>Brings the file to the disk and gives it its name.</summary>
    /// <exception cref="DiskException">Something has the name already, or the disk failed.</exception>
    public void Publish()
    {
        try
        {
            Stream.Flush(flushToDisk: true);
            if (_folder is not null)
            {
                if (!_folder.TryName(Stream.SafeFileHandle, Path.GetFileName(_path)))
                    throw DiskException.AlreadyThere(_path);
                _folder.Sync();
                return;
            }

            Stream.Dispose();
            if (Path.Exists(_path))
                throw DiskException.AlreadyThere(_path);
            File.Move(_work!.Stem, _path, overwrite: false);
            HostFiles.FlushFolder(Path.GetDirectoryName(_path)!);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot write", _path);
        }
    }

    public void Dispose()
    {
        Stream.Dispose();
        _folder?.Dispose();
        _work?.Dispose();
    }
}
