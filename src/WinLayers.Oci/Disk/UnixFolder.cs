using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Ntfs;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>A folder held by its descriptor: <c>openat</c> and its relatives, each name with O_NOFOLLOW.</summary>
internal sealed unsafe class UnixFolder : HostFolder
{
    private const int MaxName = 1024;
    private const int FileMode = 0x1A4; // 0644
    private const int FolderMode = 0x1ED; // 0755

    private readonly SafeFileHandle _handle;

    private UnixFolder(SafeFileHandle handle, string location)
    {
        _handle = handle;
        Location = location;
    }

    public override string Location { get; }

    public static UnixFolder OpenRoot(string path)
    {
        int flags = LibcConstants.ReadOnly | LibcConstants.Directory | LibcConstants.NoFollow | LibcConstants.CloseOnExec;
        SafeFileHandle handle = UnixPath.TryOpen(path, flags, out int error)
            ?? throw DiskException.FromErrno(error, "cannot open the folder", path);
        return new UnixFolder(handle, path);
    }

    public override HostFolder OpenFolder(string name)
    {
        int flags = LibcConstants.ReadOnly | LibcConstants.Directory | LibcConstants.NoFollow | LibcConstants.CloseOnExec;
        SafeFileHandle? handle = OpenAt(name, flags, out int error);
        return handle is null ? throw Failed(error, "cannot open the folder", name) : new UnixFolder(handle, Path.Combine(Location, name));
    }

    // One call for as many names as a path may have; where the system cannot, and to say which name is at fault, one name after the other.
    public override HostFolder OpenBelow(ReadOnlySpan<string> names)
    {
        SafeFileHandle handle = _handle;
        try
        {
            byte[] path = new byte[LinuxPath.MaxLength];
            for (int done = 0; done < names.Length;)
            {
                int taken = OperatingSystem.IsLinux() ? LinuxPath.Encode(names[done..], path) : 0;
                if (taken == 0 || LinuxPath.TryOpenBelow(handle, path) is not { } next)
                    return base.OpenBelow(names);
                if (handle != _handle)
                    handle.Dispose();
                handle = next;
                done += taken;
            }

            var opened = new UnixFolder(handle, Path.Combine(Location, string.Join('/', names!)));
            handle = _handle;
            return opened;
        }
        finally
        {
            if (handle != _handle)
                handle.Dispose();
        }
    }

    public override bool TryMakeFolder(string name)
    {
        byte* buffer = stackalloc byte[MaxName];
        if (Libc.MakeDirectoryAt(_handle, Encode(name, buffer), FolderMode) == 0)
            return true;
        int error = Marshal.GetLastPInvokeError();
        return error == LibcConstants.Exists ? false : throw Failed(error, "cannot make the folder", name);
    }

    public override SafeFileHandle? TryMakeFile(string name)
    {
        int flags = LibcConstants.ReadWrite | LibcConstants.Create | LibcConstants.Exclusive
            | LibcConstants.NoFollow | LibcConstants.CloseOnExec;
        SafeFileHandle? handle = OpenAt(name, flags, out int error);
        return handle is null && error != LibcConstants.Exists ? throw Failed(error, "cannot make the file", name) : handle;
    }

    public override SafeFileHandle? TryMakeUnnamedFile()
    {
        // Its name comes by way of /proc, which a container may not have.
        if (!OperatingSystem.IsLinux() || !Directory.Exists("/proc/self/fd"))
            return null;
        int flags = LibcConstants.ReadWrite | LibcConstants.Unnamed | LibcConstants.CloseOnExec;
        SafeFileHandle? handle = OpenAt(".", flags, out int error);
        bool cannot = error is LibcConstants.IsADirectory or LibcConstants.InvalidArgument or LibcConstants.NoEntry
            || error == LibcConstants.NotSupported;
        return handle is null && !cannot ? throw Failed(error, "cannot make a file in", ".") : handle;
    }

    public override bool TryName(SafeFileHandle file, string name)
    {
        byte[] open = Encoding.ASCII.GetBytes($"/proc/self/fd/{file.DangerousGetHandle()}\0");
        byte* target = stackalloc byte[MaxName];
        int result;
        fixed (byte* source = open)
            result = Libc.LinkAt(_handle, source, _handle, Encode(name, target), LibcConstants.LinkFollow);
        GC.KeepAlive(file);
        if (result == 0)
            return true;
        int error = Marshal.GetLastPInvokeError();
        return error == LibcConstants.Exists ? false : throw Failed(error, "cannot make the file", name);
    }

    public override SafeFileHandle OpenFile(string name)
    {
        // Non-blocking, so that a planted FIFO cannot hold the reader up.
        int flags = LibcConstants.ReadOnly | LibcConstants.NoFollow | LibcConstants.CloseOnExec | LibcConstants.NonBlocking;
        SafeFileHandle handle = OpenAt(name, flags, out int error)
            ?? throw (error == LibcConstants.SymbolicLink || error == LibcConstants.NoDevice ? DiskException.NotPlain(PathOf(name))
                : Failed(error, "cannot open the file", name));
        try
        {
            // By the handle where the system can say it so: the name may lead to something else by now.
            HostItem? item = OperatingSystem.IsLinux() ? UnixItem.Of(handle, PathOf(name)) : Find(name);
            if (item is { Kind: HostItemKind.File })
                return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        handle.Dispose();
        throw DiskException.NotPlain(PathOf(name));
    }

    public override bool TryLink(HostFolder from, string fromName, string name)
    {
        byte* source = stackalloc byte[MaxName];
        byte* target = stackalloc byte[MaxName];
        if (Libc.LinkAt(((UnixFolder)from)._handle, Encode(fromName, source), _handle, Encode(name, target), flags: 0) == 0)
            return true;
        int error = Marshal.GetLastPInvokeError();
        bool cannot = error is LibcConstants.TooManyLinks or LibcConstants.CrossDevice or LibcConstants.NotPermitted
            || error == LibcConstants.NotSupported;
        return cannot ? false : throw Failed(error, $"cannot link to '{Path.Combine(from.Location, fromName)}'", name);
    }

    public override bool TryMakeSymbolicLink(string name, string target)
    {
        if (target.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A link's target ends at a NUL, wherever it would lead without.", nameof(target));
        byte* encoded = stackalloc byte[MaxName];
        byte[] text = new byte[Encoding.UTF8.GetByteCount(target) + 1];
        Encoding.UTF8.GetBytes(target, text);
        fixed (byte* start = text)
        {
            if (Libc.SymbolicLinkAt(start, _handle, Encode(name, encoded)) == 0)
                return true;
        }

        int error = Marshal.GetLastPInvokeError();
        bool cannot = error is LibcConstants.Exists or LibcConstants.NotPermitted || error == LibcConstants.NameTooLong;
        return cannot ? false : throw Failed(error, "cannot make the symbolic link", name);
    }

    public override void Rename(string name, HostFolder into, string newName)
    {
        byte* source = stackalloc byte[MaxName];
        byte* target = stackalloc byte[MaxName];
        if (Libc.RenameAt(_handle, Encode(name, source), ((UnixFolder)into)._handle, Encode(newName, target)) != 0)
            throw Failed(Marshal.GetLastPInvokeError(), $"cannot rename to '{newName}'", name);
    }

    public override void RemoveFile(string name) => Unlink(name, flags: 0, "cannot remove the file");

    public override void RemoveFolder(string name) => Unlink(name, LibcConstants.RemoveDirectory, "cannot remove the folder");

    public override HostItem? Find(string name)
    {
        byte* encoded = stackalloc byte[MaxName];
        HostItem? item = UnixItem.Find(_handle, Encode(name, encoded), LibcConstants.StatNoFollow, out int error);
        return item is not null || error == LibcConstants.NoEntry ? item : throw Failed(error, "cannot look at", name);
    }

    public override List<string> List()
    {
        List<string> names = [];
        if (!OperatingSystem.IsLinux())
        {
            // The framework lists by path; what is done with the names afterwards is relative to the handle all the same.
            foreach (string path in Directory.EnumerateFileSystemEntries(Location))
                names.Add(Path.GetFileName(path));
            return names;
        }

        // A descriptor of its own, because the read position belongs to the descriptor.
        using SafeFileHandle reader =
            OpenAt(".", LibcConstants.ReadOnly | LibcConstants.Directory | LibcConstants.CloseOnExec, out int openError)
            ?? throw Failed(openError, "cannot list", ".");
        byte[] buffer = new byte[32 << 10];
        while (true)
        {
            nint filled;
            fixed (byte* start = buffer)
                filled = Libc.ReadDirectory(reader, start, (nuint)buffer.Length);
            if (filled < 0)
                throw Failed(Marshal.GetLastPInvokeError(), "cannot list", ".");
            if (filled == 0)
                return names;

            // struct linux_dirent64: inode u64, offset i64, record length u16, type u8, name with its NUL.
            for (ReadOnlySpan<byte> left = buffer.AsSpan(0, (int)filled); left.Length > 0;)
            {
                int length = BinaryPrimitives.ReadUInt16LittleEndian(left[16..]);
                ReadOnlySpan<byte> name = left[19..length];
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(UnixNames.Decode(name));
                left = left[length..];
            }
        }
    }

    public override void SetOwnTimes(FileTimes times) => SetTimes(_handle, times);

    public override void SetTimes(SafeFileHandle file, FileTimes times)
    {
        // Decoration for people who look at the folder: the index has the truth, so a refusal is no failure.
        Libc.TimeSpec* pair = stackalloc Libc.TimeSpec[2];
        pair[0] = ToTimeSpec(times.Access);
        pair[1] = ToTimeSpec(times.Write);
        _ = Libc.SetTimes(file, pair);
    }

    public override void Sync()
    {
        if (Libc.Sync(_handle) != 0)
            throw Failed(Marshal.GetLastPInvokeError(), "cannot sync", ".");
    }

    public override void SyncFileSystem()
    {
        if (!OperatingSystem.IsLinux())
            Libc.SyncEverything();
        else if (Libc.SyncFileSystem(_handle) != 0)
            throw Failed(Marshal.GetLastPInvokeError(), "cannot sync", ".");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _handle.Dispose();
    }

    private static Libc.TimeSpec ToTimeSpec(FileTime time)
    {
        const nint leaveAlone = 0x3FFFFFFE, appleLeaveAlone = -2;
        if (time.Ticks == 0)
            return new Libc.TimeSpec { Nanoseconds = OperatingSystem.IsMacOS() ? appleLeaveAlone : leaveAlone };
        (long seconds, long ticks) = Math.DivRem(time.UnixTicks, FileTime.TicksPerSecond);
        if (ticks < 0)
        {
            seconds--;
            ticks += FileTime.TicksPerSecond;
        }

        return new Libc.TimeSpec { Seconds = (nint)seconds, Nanoseconds = (nint)(ticks * 100) };
    }

    private static byte* Encode(string name, byte* buffer)
    {
        // The last line of defence: whatever came from outside, only a single component gets here.
        if (name.Length == 0 || name is ".." || name.AsSpan().IndexOfAny('/', '\0') >= 0)
            throw new ArgumentException($"'{name}' is not one component.", nameof(name));
        int length = UnixNames.Encode(name, new Span<byte>(buffer, MaxName - 1));
        buffer[length] = 0;
        return buffer;
    }

    private SafeFileHandle? OpenAt(string name, int flags, out int error)
    {
        byte* buffer = stackalloc byte[MaxName];
        Encode(name, buffer);
        while (true)
        {
            int descriptor = Libc.OpenAt(_handle, buffer, flags, FileMode);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (descriptor >= 0)
                return new SafeFileHandle(descriptor, ownsHandle: true);
            if (error != LibcConstants.Interrupted)
                return null;
        }
    }

    private void Unlink(string name, int flags, string operation)
    {
        byte* buffer = stackalloc byte[MaxName];
        if (Libc.UnlinkAt(_handle, Encode(name, buffer), flags) == 0)
            return;
        int error = Marshal.GetLastPInvokeError();
        if (error != LibcConstants.NoEntry)
            throw Failed(error, operation, name);
    }

    private DiskException Failed(int error, string operation, string name) =>
        DiskException.FromErrno(error, operation, PathOf(name));

    private string PathOf(string name) => name is "." ? Location : Path.Combine(Location, name);
}
