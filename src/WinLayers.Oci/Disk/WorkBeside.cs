namespace WinLayers.Oci.Disk;

/// <summary>
/// Names beside a file or folder in the making, for what is needed on the way: they start with the target's name and are gone when this is
/// disposed. What a killed run left is removed by the next one that makes the same target; a lock tells whether somebody is still at it.
/// </summary>
internal sealed class WorkBeside : IDisposable
{
    private const string Mark = ".tmp-";
    private const string LockEnding = ".lock";
    private const int IdLength = 32;

    private readonly string _folder;
    private readonly FileStream _lock;

    private WorkBeside(string folder, string stem, FileStream held)
    {
        _folder = folder;
        Stem = stem;
        _lock = held;
    }

    /// <summary>What every name starts with, absolute. The names are the caller's to choose and make; they go with this.</summary>
    public string Stem { get; }

    /// <summary>Starts work on a target, in whose folder the names are.</summary>
    /// <exception cref="DiskException">The folder is not there, or cannot be written.</exception>
    public static WorkBeside Start(string target)
    {
        string full = Path.GetFullPath(target), folder = Path.GetDirectoryName(full) ?? full, name = Path.GetFileName(full);
        try
        {
            RemoveLeftovers(folder, name);
            string stem = Path.Combine(folder, $"{name}{Mark}{Guid.NewGuid():N}");
            FileStream held = ExclusiveFile.TryOpen(stem + LockEnding)
                ?? throw new IOException("somebody else has a file of a new name");
            return new WorkBeside(folder, stem, held);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot write", full);
        }
    }

    public void Dispose()
    {
        try
        {
            RemoveAll(_folder, Path.GetFileName(Stem));
            File.Delete(_lock.Name);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // Whoever disposes may have a failure on its way that says more; the next run removes the rest.
        }
        finally
        {
            _lock.Dispose();
        }
    }

    private static void RemoveLeftovers(string folder, string name)
    {
        string start = name + Mark;
        foreach (string path in Directory.EnumerateFiles(folder, "*" + LockEnding))
        {
            string file = Path.GetFileName(path);
            if (file.Length != start.Length + IdLength + LockEnding.Length || !file.StartsWith(start, StringComparison.Ordinal)
                || !PlainFile.MayReplace(path))
                continue;

            // Whoever works holds it.
            using FileStream? held = ExclusiveFile.TryOpen(path);
            if (held is null)
                continue;
            RemoveAll(folder, file[..^LockEnding.Length]);
            File.Delete(path);
        }
    }

    private static void RemoveAll(string folder, string stem)
    {
        // The folder itself, also where its owner named it by a link.
        using HostFolder around = HostFolder.Open(OperatingSystem.IsWindows() ? folder : Path.Combine(folder, "."));
        foreach (string name in around.List())
        {
            if (name.StartsWith(stem, StringComparison.Ordinal) && name != stem + LockEnding)
                around.RemoveTree(name);
        }
    }
}
