using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Oci.Disk;

/// <summary>What a name in a host folder is.</summary>
internal enum HostItemKind
{
    File,
    Folder,

    /// <summary>A symbolic link, device, socket: nothing that belongs into a layer.</summary>
    Foreign,
}

/// <summary>What the host knows of a name, never of what a link leads to.</summary>
/// <param name="Kind">What it is; a symbolic link is foreign.</param>
/// <param name="Length">Bytes of a file.</param>
/// <param name="Links">How many names the file has; 0 where the host does not tell.</param>
/// <param name="FileId">The same for two names of one file; default where the host does not tell.</param>
internal readonly record struct HostItem(HostItemKind Kind, long Length, uint Links, (ulong Device, ulong Inode) FileId);

/// <summary>
/// An open folder of the host. Everything is done relative to it, by one component at a time, and never through a symbolic link,
/// so that whoever swaps a directory for a link meanwhile leads nobody outside.
/// </summary>
internal abstract class HostFolder : IDisposable
{
    /// <summary>Where it was opened, for messages.</summary>
    public abstract string Location { get; }

    /// <summary>Opens an existing folder. The path itself is trusted; its last component may not be a link.</summary>
    public static HostFolder Open(string path) =>
        OperatingSystem.IsWindows() ? PathFolder.OpenRoot(path) : UnixFolder.OpenRoot(path);

    /// <summary>Opens a folder in it.</summary>
    public abstract HostFolder OpenFolder(string name);

    /// <summary>Opens a folder far below it: the same as opening each in the one before, but without holding those on the way.</summary>
    /// <param name="names">The folders on the way, then the one to open; at least one.</param>
    public virtual HostFolder OpenBelow(ReadOnlySpan<string> names)
    {
        HostFolder folder = this;
        foreach (string name in names)
        {
            HostFolder around = folder;
            try
            {
                folder = around.OpenFolder(name);
            }
            finally
            {
                if (around != this)
                    around.Dispose();
            }
        }

        return folder;
    }

    /// <summary>Makes a folder in it; false where the name is taken.</summary>
    public abstract bool TryMakeFolder(string name);

    /// <summary>Makes a new, empty file for writing and reading; null where the name is taken.</summary>
    public abstract SafeFileHandle? TryMakeFile(string name);

    /// <summary>
    /// Makes a new, empty file for writing and reading that has no name and goes when it is closed without one; null where the system or
    /// the file system has no such files.
    /// </summary>
    public virtual SafeFileHandle? TryMakeUnnamedFile() => null;

    /// <summary>Gives such a file a name; false where the name is taken.</summary>
    public virtual bool TryName(SafeFileHandle file, string name) => throw new NotSupportedException("No file here is without a name.");

    /// <summary>Opens a plain file for reading.</summary>
    /// <exception cref="DiskException">It is no plain file, or not there.</exception>
    public abstract SafeFileHandle OpenFile(string name);

    /// <summary>Gives a file of any folder a further name here; false where the file system cannot.</summary>
    public abstract bool TryLink(HostFolder from, string fromName, string name);

    /// <summary>Makes a symbolic link, for extraction alone; false where the name is taken or the system has none.</summary>
    public abstract bool TryMakeSymbolicLink(string name, string target);

    /// <summary>Renames a file of this folder, in place of what has the name.</summary>
    public abstract void Rename(string name, HostFolder into, string newName);

    /// <summary>Removes a file, or a link itself. Nothing there: nothing happens.</summary>
    public abstract void RemoveFile(string name);

    /// <summary>Removes an empty folder. Nothing there: nothing happens.</summary>
    public abstract void RemoveFolder(string name);

    /// <summary>What the name is; null where nothing has it.</summary>
    public abstract HostItem? Find(string name);

    /// <summary>The names in it, whatever they are: each leads back to what has it.</summary>
    public abstract List<string> List();

    /// <summary>Sets access and write time of the folder itself, as well as the host can.</summary>
    public abstract void SetOwnTimes(FileTimes times);

    /// <summary>Sets access and write time of an open file, as well as the host can.</summary>
    public abstract void SetTimes(SafeFileHandle file, FileTimes times);

    /// <summary>Brings the folder's names to the disk.</summary>
    public abstract void Sync();

    /// <summary>Brings all that was written to its file system to the disk, once for many files.</summary>
    public abstract void SyncFileSystem();

    /// <summary>Removes what has the name, with everything below it; links are removed, never followed.</summary>
    public void RemoveTree(string name)
    {
        if (Find(name) is not { } item)
            return;
        if (item.Kind != HostItemKind.Folder)
        {
            RemoveFile(name);
            return;
        }

        using (HostFolder folder = OpenFolder(name))
            folder.RemoveContents();
        RemoveFolder(name);
    }

    /// <summary>Removes everything in it.</summary>
    public void RemoveContents()
    {
        // What lies very deep is first moved up, so that a hostile nesting costs neither the stack nor a handle per level.
        int moved = 0;
        List<string> before = [];
        for (List<string> names = List(); names.Count > 0; names = List())
        {
            // What is moved up gets a new name each time; the same names again mean that somebody makes them as fast as they go.
            if (names.SequenceEqual(before, StringComparer.Ordinal))
                throw DiskException.FromIO(new IOException($"'{names[0]}' is there again"), "cannot empty", Location);
            foreach (string name in names)
                RemoveBelow(this, name, depth: 0, ref moved);
            before = names;
        }
    }

    private void RemoveBelow(HostFolder top, string name, int depth, ref int moved)
    {
        const int deepest = 40;
        if (Find(name) is not { } item)
            return;
        if (item.Kind != HostItemKind.Folder)
        {
            RemoveFile(name);
            return;
        }

        if (depth == deepest)
        {
            Rename(name, top, $".removed-{Environment.ProcessId}-{moved++}");
            return;
        }

        using (HostFolder folder = OpenFolder(name))
        {
            foreach (string child in folder.List())
                folder.RemoveBelow(top, child, depth + 1, ref moved);
        }

        RemoveFolder(name);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
