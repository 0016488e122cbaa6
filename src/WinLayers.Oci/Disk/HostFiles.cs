using System.Buffers;
using Microsoft.Win32.SafeHandles;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>Whole files of the host.</summary>
internal static class HostFiles
{
    /// <summary>Copies a stream from where it is to its end into a new file.</summary>
    /// <param name="source">The stream.</param>
    /// <param name="file">The file, open for writing.</param>
    /// <param name="path">Where the file is, for the message of a failure.</param>
    /// <exception cref="DiskException">Reading or writing failed.</exception>
    public static void Copy(Stream source, SafeFileHandle file, string path)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
        try
        {
            long written = 0;
            int read;
            while ((read = source.Read(buffer)) > 0)
            {
                RandomAccess.Write(file, buffer.AsSpan(0, read), written);
                written += read;
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot write", path);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Refuses a file that cannot fit, before hours go into fetching it. Somebody else may still fill the disk meanwhile.
    /// </summary>
    /// <param name="folder">The folder that the file is in, there already.</param>
    /// <param name="path">Where the file is, for the message.</param>
    /// <param name="neededBytes">Bytes still to be written.</param>
    /// <exception cref="DiskException">They are more than are free.</exception>
    public static void RequireRoom(string folder, string path, long neededBytes)
    {
        var drive = new DriveInfo(folder);

        // Some file systems of networks and FUSE count nothing.
        if (drive.TotalSize > 0 && drive.AvailableFreeSpace is var free && neededBytes > free)
            throw DiskException.NoRoom(path, neededBytes, free);
    }

    /// <summary>Makes a rename in this folder last; nothing to do on Windows, where the file system's own journal does.</summary>
    /// <exception cref="DiskException">The folder cannot be opened.</exception>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        // The folder itself, also where its owner named it by a link.
        using SafeFileHandle handle =
            UnixPath.TryOpen(Path.Combine(folder, "."), LibcConstants.ReadOnly | LibcConstants.CloseOnExec, out int error)
            ?? throw DiskException.FromErrno(error, "cannot open the folder", folder);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Takes the right to write away, or sets the attribute.</summary>
    public static void MakeReadOnly(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
            File.SetAttributes(file, FileAttributes.ReadOnly);
        else
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}
