using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Ntfs;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>
/// A folder by its path, for Windows, where the portable host is a convenience: every folder is checked to be no reparse point
/// when it is opened, but nothing holds it against a change made later by somebody else. <c>\\?\</c> keeps reserved names
/// and trailing dots.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class PathFolder : HostFolder
{
    private PathFolder(string path) => Location = path;

    public override string Location { get; }

    public static PathFolder OpenRoot(string path)
    {
        string full = Path.GetFullPath(path);
        if (!full.StartsWith(@"\\", StringComparison.Ordinal))
            full = @"\\?\" + full;
        return OpenChecked(full);
    }

    public override HostFolder OpenFolder(string name) => OpenChecked(PathOf(name));

    public override bool TryMakeFolder(string name) => Guard("cannot make the folder", name, path =>
    {
        if (Path.Exists(path))
            return false;
        Directory.CreateDirectory(path);
        return true;
    });

    public override SafeFileHandle? TryMakeFile(string name) => Guard("cannot make the file", name, path =>
        Path.Exists(path) ? null : File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete));

    public override SafeFileHandle OpenFile(string name) => Guard("cannot open the file", name, path =>
    {
        if (File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint))
            throw DiskException.NotPlain(path);
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
    });

    public override bool TryLink(HostFolder from, string fromName, string name)
    {
        const int invalidFunction = 1, notSameDevice = 17, notSupported = 50, tooManyLinks = 1142;
        string path = PathOf(name), existing = ((PathFolder)from).PathOf(fromName);
        int error = Kernel32.CreateHardLink(path, existing);
        return error switch
        {
            0 => true,
            // The file system cannot, so that a copy has to do.
            invalidFunction or notSameDevice or notSupported or tooManyLinks => false,
            _ => throw DiskException.FromIO(new IOException(Marshal.GetPInvokeErrorMessage(error)), $"cannot link to '{existing}'", path),
        };
    }

    // Needs a privilege there that few have; a junction would be absolute and could lead anywhere after a move.
    public override bool TryMakeSymbolicLink(string name, string target) => false;

    public override void Rename(string name, HostFolder into, string newName) => Guard("cannot rename", name, path =>
    {
        string target = ((PathFolder)into).PathOf(newName);
        if (Directory.Exists(path))
            Directory.Move(path, target);
        else
            File.Move(path, target, overwrite: true);
        return true;
    });

    public override void RemoveFile(string name) => Remove("cannot remove the file", name);

    public override void RemoveFolder(string name) => Remove("cannot remove the folder", name);

    private void Remove(string operation, string name)
    {
        const int fileNotFound = 2, pathNotFound = 3;
        string path = PathOf(name);
        int error = Kernel32.Remove(path);
        if (error is not (0 or fileNotFound or pathNotFound))
            throw DiskException.FromWin32(error, operation, path);
    }

    public override HostItem? Find(string name)
    {
        FileInfo info = new(PathOf(name));
        if (AttributesOf(info.FullName) is not { } attributes)
            return null;
        HostItemKind kind = attributes.HasFlag(FileAttributes.ReparsePoint) ? HostItemKind.Foreign
            : attributes.HasFlag(FileAttributes.Directory) ? HostItemKind.Folder
            : HostItemKind.File;
        return new HostItem(kind, kind == HostItemKind.File ? info.Length : 0, Links: 0, FileId: default);
    }

    public override List<string> List()
    {
        List<string> names = [];
        foreach (string path in Directory.EnumerateFileSystemEntries(Location))
            names.Add(Path.GetFileName(path));
        return names;
    }

    public override void SetOwnTimes(FileTimes times)
    {
        if (times.Write.Ticks > 0)
            Directory.SetLastWriteTimeUtc(Location, DateTime.FromFileTimeUtc(times.Write.Ticks));
    }

    public override void SetTimes(SafeFileHandle file, FileTimes times)
    {
        if (times.Write.Ticks > 0)
            File.SetLastWriteTimeUtc(file, DateTime.FromFileTimeUtc(times.Write.Ticks));
    }

    // NTFS journals names by itself; the portable host on Windows promises no more than that.
    public override void Sync()
    {
    }

    public override void SyncFileSystem()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    private static PathFolder OpenChecked(string path)
    {
        try
        {
            FileAttributes attributes = File.GetAttributes(path);
            if (!attributes.HasFlag(FileAttributes.Directory) || attributes.HasFlag(FileAttributes.ReparsePoint))
                throw new IOException("it is no plain folder");
            return new PathFolder(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot open the folder", path);
        }
    }

    // Of the name itself; asking whether something exists would follow a link.
    private static FileAttributes? AttributesOf(string path)
    {
        FileAttributes attributes = new FileInfo(path).Attributes;
        return attributes == (FileAttributes)(-1) ? null : attributes;
    }

    private T Guard<T>(string operation, string name, Func<string, T> action)
    {
        string path = PathOf(name);
        try
        {
            return action(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, operation, path);
        }
    }

    private string PathOf(string name)
    {
        if (name is "" or "." or ".." || name.AsSpan().IndexOfAny('/', '\\', ':') >= 0)
            throw new ArgumentException($"'{name}' is not one component.", nameof(name));
        return $@"{Location.TrimEnd('\\')}\{name}";
    }
}
