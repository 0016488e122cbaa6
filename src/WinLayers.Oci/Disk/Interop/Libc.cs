using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace WinLayers.Oci.Disk.Interop;

/// <summary>File work relative to an open directory. Every call returns -1 on failure, with the reason in the last error.</summary>
internal static unsafe partial class Libc
{
    // Apple's arm64 passes variadic arguments on the stack: five more in registers push the mode to where openat looks for it.
    private static readonly bool ModeOnStack =
        OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal static int OpenAt(SafeFileHandle directory, byte* name, int flags, int mode) =>
        ModeOnStack ? OpenAtApple(directory, name, flags, 0, 0, 0, 0, 0, mode) : OpenAtRaw(directory, name, flags, mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAtRaw(SafeFileHandle directory, byte* name, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAtApple(SafeFileHandle directory, byte* name, int flags, nint r3, nint r4, nint r5, nint r6, nint r7,
        int mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    internal static partial int OpenExisting(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MakeDirectoryAt(SafeFileHandle directory, byte* name, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(SafeFileHandle directory, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(SafeFileHandle from, byte* fromName, SafeFileHandle to, byte* toName, int flags);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    internal static partial int SymbolicLinkAt(byte* target, SafeFileHandle directory, byte* name);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    internal static partial int RenameAt(SafeFileHandle from, byte* fromName, SafeFileHandle to, byte* toName);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    internal static partial int SetTimes(SafeFileHandle file, TimeSpec* accessAndWrite);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int SyncFileSystem(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync")]
    internal static partial void SyncEverything();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    internal static partial int StatX(SafeFileHandle directory, byte* name, int flags, uint mask, byte* buffer);

    // Apple's fstatat with 64-bit inodes: the plain name on arm64, a suffixed one on x64.
    [LibraryImport("libc", EntryPoint = "fstatat", SetLastError = true)]
    internal static partial int StatAppleArm(SafeFileHandle directory, byte* name, byte* buffer, int flags);

    [LibraryImport("libc", EntryPoint = "fstatat$INODE64", SetLastError = true)]
    internal static partial int StatAppleX64(SafeFileHandle directory, byte* name, byte* buffer, int flags);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    internal static partial nint ReadDirectory(SafeFileHandle directory, byte* buffer, nuint size);

    // Of the variadic syscall; Linux alone, where such arguments go where fixed ones do.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint directory, byte* path, OpenHow* how, nuint size);

    /// <summary>struct open_how.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct timespec where time_t and long have pointer size.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
