using WinLayers.Oci.Disk;

namespace WinLayers.Unpacking;

/// <summary>
/// A layer's folder outside a store, in the making: beside its place, or in it. Disposed without a commit, it leaves nothing.
/// </summary>
internal sealed class PendingFolder : IDisposable
{
    private readonly string _around;
    private readonly string _holder;
    private readonly bool _isInPlace;
    private bool _isCommitted;
    private bool _isDisposed;

    private PendingFolder(string folder, bool inPlace)
    {
        FinalFolder = folder;
        _isInPlace = inPlace;
        _around = Path.GetDirectoryName(folder) ?? throw new ArgumentException("A root is no layer.", nameof(folder));
        _holder = Path.Combine(_around, $".{Path.GetFileName(folder)}.{Guid.NewGuid().ToString("N")[..12]}");

        // The last part of the name stays: Windows derives a layer's id from it.
        Folder = inPlace ? folder : Path.Combine(_holder, Path.GetFileName(folder));
    }

    /// <summary>Where the layer will be.</summary>
    public string FinalFolder { get; }

    /// <summary>Where it is made; empty at first.</summary>
    public string Folder { get; }

    /// <summary>A folder for entries on their way, not there yet.</summary>
    public string StagingFolder => Path.Combine(_holder, "staging");

    /// <summary>Starts a layer in this folder.</summary>
    /// <exception cref="DiskException">The folder has contents, or cannot be made.</exception>
    public static PendingFolder Start(string folder, bool inPlace)
    {
        PendingFolder pending = new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), inPlace);
        try
        {
            if (Directory.Exists(pending.FinalFolder) && Directory.EnumerateFileSystemEntries(pending.FinalFolder).Any())
                throw new IOException("it has contents");
            Directory.CreateDirectory(pending._holder);
            Directory.CreateDirectory(pending.Folder);
            return pending;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            pending.RemoveHolder();
            throw DiskException.FromIO(cause, "cannot start a layer in", pending.FinalFolder);
        }
    }

    /// <summary>Puts the layer in its place, in one step where it is not there already.</summary>
    public void Commit()
    {
        using HostFolder around = HostFolder.Open(_around);
        if (!_isInPlace)
        {
            string name = Path.GetFileName(FinalFolder);
            if (Directory.Exists(FinalFolder))
                around.RemoveFolder(name);
            using HostFolder holder = HostFolder.Open(_holder);
            holder.Rename(name, around, name);
        }

        around.Sync();
        _isCommitted = true;
    }

    /// <summary>What could not be removed when this was disposed, and why; null where all is gone.</summary>
    public string? Leftover { get; private set; }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_isInPlace && !_isCommitted)
            Remove(Path.GetFileName(FinalFolder));
        RemoveHolder();
    }

    private void RemoveHolder() => Remove(Path.GetFileName(_holder));

    private void Remove(string name)
    {
        try
        {
            using HostFolder around = HostFolder.Open(_around);
            around.RemoveTree(name);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // Whoever disposes may have a failure on its way that says more, and tells of this too.
            Leftover ??= cause.Message;
        }
    }
}
