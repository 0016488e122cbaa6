using Microsoft.Win32.SafeHandles;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>
/// Opens regular files, never through a link in place of the file: a folder from outside may hold anything under a blob's name.
/// </summary>
internal static class PlainFile
{
    /// <summary>Opens a file to read.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="DiskException">It is no plain file.</exception>
    public static FileStream OpenRead(string path)
    {
        FileStream stream = OperatingSystem.IsWindows() ? OpenWindows(path) : OpenUnix(path);
        try
        {
            if (IsPlain(stream, path))
                return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        stream.Dispose();
        throw DiskException.NotPlain(path);
    }

    /// <summary>
    /// Reads a small file: at most <paramref name="limitBytes"/> and one more, which tells that there are too many. Null where nothing has
    /// the name.
    /// </summary>
    /// <exception cref="DiskException">It is no plain file, or cannot be read.</exception>
    public static byte[]? TryRead(string path, int limitBytes)
    {
        try
        {
            using FileStream file = OpenRead(path);
            byte[] bytes = new byte[Math.Min(file.Length, limitBytes) + 1];
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception cause) when (cause is not DiskException && cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot read", path);
        }
    }

    /// <summary>
    /// Whether a new file may take this name: nothing is there, or a plain file, which is then lost. A link would be, or a device that
    /// all programs use.
    /// </summary>
    public static bool MayReplace(string path)
    {
        if (new FileInfo(path) is { LinkTarget: not null } || Directory.Exists(path))
            return false;
        if (!File.Exists(path) || OperatingSystem.IsWindows())
            return true;
        using HostFolder folder = HostFolder.Open(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "."));
        return folder.Find(Path.GetFileName(path)) is null or { Kind: HostItemKind.File };
    }

    // A device that can be set back, as /dev/null, passes for a file in every other respect.
    private static bool IsPlain(FileStream stream, string path) =>
        stream.CanSeek && !File.GetAttributes(stream.SafeFileHandle).HasFlag(FileAttributes.Directory)
        && (!OperatingSystem.IsLinux() || UnixItem.Of(stream.SafeFileHandle, path).Kind == HostItemKind.File);

    private static FileStream OpenUnix(string path)
    {
        // No link as the last part, closed in child processes, and no waiting for the writer of a named pipe.
        int flags = LibcConstants.ReadOnly | LibcConstants.NoFollow | LibcConstants.CloseOnExec | LibcConstants.NonBlocking;
        SafeFileHandle handle = UnixPath.TryOpen(path, flags, out int error) ?? throw Failed(error, path);
        try
        {
            return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            handle.Dispose();
            throw DiskException.NotPlain(path, e);
        }
    }

    private static FileStream OpenWindows(string path) =>
        File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint)
            ? throw DiskException.NotPlain(path)
            : new FileStream(path, new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });

    private static IOException Failed(int error, string path) =>
        error is LibcConstants.NoEntry or LibcConstants.NotADirectory ? new FileNotFoundException($"'{path}' is not there.", path)
        // A link, a socket, or a device that nothing stands behind.
        : error == LibcConstants.SymbolicLink || error == LibcConstants.NoDevice ? DiskException.NotPlain(path)
        : DiskException.FromErrno(error, "cannot open", path);
}
