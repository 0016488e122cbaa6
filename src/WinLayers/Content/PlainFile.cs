using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace WinLayers.Content;

/// <summary>Opens regular files, never through a link in place of the file: a folder from outside may hold anything under a blob's name.</summary>
internal static partial class PlainFile
{
    internal static FileStream OpenRead(string path)
    {
        FileStream stream = OperatingSystem.IsWindows() ? OpenWindows(path) : OpenUnix(path);
        if (stream.CanSeek && !File.GetAttributes(stream.SafeFileHandle).HasFlag(FileAttributes.Directory) && !(OperatingSystem.IsLinux() && !IsPlain(stream.SafeFileHandle, "")))
            return stream;
        stream.Dispose();
        throw NotPlain(path);
    }

    /// <summary>Whether a new file may take this name: nothing is there, or a plain file, which is then lost. A link would be, or a device that all programs use.</summary>
    internal static bool MayReplace(string path)
    {
        if (new FileInfo(path) is { LinkTarget: not null } || Directory.Exists(path))
            return false;
        if (!File.Exists(path) || OperatingSystem.IsWindows())
            return true;
        if (OperatingSystem.IsLinux())
        {
            using SafeFileHandle folder = OpenRaw(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "."));
            return IsPlain(folder, Path.GetFileName(path));
        }

        using SafeFileHandle file = OpenRaw(path);
        using var stream = new FileStream(file, FileAccess.Read, bufferSize: 0);
        return stream.CanSeek;
    }

    /// <summary>Opens a file, made where it is not there, that no other process may use meanwhile; waits as long as one does.</summary>
    internal static async Task<FileStream> OpenExclusiveAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpenExclusive(path) is { } file)
                return file;
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The same without waiting: null where another process uses it.</summary>
    internal static FileStream? TryOpenExclusive(string path)
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
            if (new FileInfo(path) is { LinkTarget: not null })
                throw NotPlain(path);
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
            if (OperatingSystem.IsWindows() || attempt == enough)
                return file;
            if (OperatingSystem.IsLinux() ? IsAt(path, file) : IsStillThere(path, options))
                return file;
            file.Dispose();
        }
    }

    private static bool IsAt(string path, FileStream file) =>
        TryStat(file.SafeFileHandle, "") is var own && TryStat(file.SafeFileHandle, Path.GetFullPath(path)) == own;

    // A second try to lock the same file fails; one that succeeds has found another file under the name. One that fails may have met
    // another file that somebody else holds: where the system tells files apart, IsAt asks it.
    private static bool IsStillThere(string path, FileStreamOptions options)
    {
        try
        {
            new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = options.Access, Share = options.Share, BufferSize = 0 }).Dispose();
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

    /// <summary>Makes a rename in this folder last; nothing to do on Windows, where the file system's own journal does.</summary>
    internal static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        // The folder itself, also where its owner named it by a link.
        using SafeFileHandle handle = OpenRaw(Path.Combine(folder, "."));
        RandomAccess.FlushToDisk(handle);
    }

    private static FileStream OpenUnix(string path)
    {
        SafeFileHandle handle = OpenRaw(path);
        try
        {
            return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            handle.Dispose();
            throw NotPlain(path, e);
        }
    }

    private static FileStream OpenWindows(string path) =>
        File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint)
            ? throw NotPlain(path)
            : new FileStream(path, new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });

    private static BlobStoreException NotPlain(string path, Exception? cause = null) =>
        new(BlobStoreException.NotAPlainFile, $"'{path}' is a link, a folder or a device; expected a plain file.", cause);

    private static SafeFileHandle OpenRaw(string path)
    {
        const int notFound = 2, interrupted = 4;
        const int tooManyLinksLinux = 40, tooManyLinksDarwin = 62;
        while (true)
        {
            int descriptor = Open(path, OpenFlags);
            if (descriptor >= 0)
                return new SafeFileHandle(descriptor, ownsHandle: true);
            int error = Marshal.GetLastPInvokeError();
            switch (error)
            {
                case interrupted:
                    continue;
                case notFound:
                    throw new FileNotFoundException($"'{path}' is not there.", path);
                case tooManyLinksLinux or tooManyLinksDarwin:
                    throw NotPlain(path);
                default:
                    throw new IOException($"Cannot open '{path}': {Marshal.GetPInvokeErrorMessage(error)}.", error);
            }
        }
    }

    // A device that can be set back, as /dev/null, passes for a file in every other respect.
    private static bool IsPlain(SafeFileHandle at, string name)
    {
        const int typeMask = 0xF000, plain = 0x8000;
        return TryStat(at, name) is { } found
            ? (found.Mode & typeMask) == plain
            : throw new FileNotFoundException($"'{name}' is not there.", name);
    }

    // What the system says of an open file (no name), or of a name from there; null where nothing has the name.
    private static unsafe (ushort Mode, ulong Inode, ulong Device)? TryStat(SafeFileHandle at, string name)
    {
        const int atEmptyPath = 0x1000, noFollow = 0x100, notFound = 2;
        const uint typeAndInode = 0x101;
        const int length = 256, modeOffset = 28, inodeOffset = 32, deviceOffset = 136;
        byte* buffer = stackalloc byte[length];
        if (StatX(at, name, name.Length == 0 ? atEmptyPath : noFollow, typeAndInode, buffer) == 0)
        {
            ReadOnlySpan<byte> stat = new(buffer, length);
            ulong inode = MemoryMarshal.Read<ulong>(stat[inodeOffset..]), device = MemoryMarshal.Read<ulong>(stat[deviceOffset..]);
            return (MemoryMarshal.Read<ushort>(stat[modeOffset..]), inode, device);
        }

        int error = Marshal.GetLastPInvokeError();
        return error == notFound
            ? null
            : throw new IOException($"Cannot look at '{name}': {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    // Reading only, no link as the last part, closed in child processes, and no waiting for the writer of a named pipe.
    private static int OpenFlags
    {
        get
        {
            if (OperatingSystem.IsMacOS())
                return 0x100 | 0x1000000 | 0x4;
            bool isArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
            return (isArm ? 0x8000 : 0x20000) | 0x80000 | 0x800;
        }
    }

    /// <summary>Whether opening failed because another process uses the file.</summary>
    internal static bool IsHeldByAnother(IOException e)
    {
        const int wouldBlockLinux = 11, wouldBlockDarwin = 35;
        const int sharingViolation = unchecked((int)0x80070020), lockViolation = unchecked((int)0x80070021);
        return OperatingSystem.IsWindows()
            ? e.HResult is sharingViolation or lockViolation
            : e.HResult is wouldBlockLinux or wouldBlockDarwin;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(SafeFileHandle directory, string name, int flags, uint mask, byte* buffer);
}
