using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Interop;

/// <summary>The calls of kernel32.dll: files by handle, and the backup functions.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class Kernel32
{
    private const string Library = "kernel32.dll";
    private const uint ShareAll = 0x7;
    private const uint OpenExisting = 3;
    private const uint BackupSemantics = 0x02000000;
    private const uint ShareReadWrite = 0x3;
    private const uint NoBuffering = 0x20000000;

    private const int FileBasicClass = 0;
    private const int FileStandardClass = 1;
    private const int FileFullDirectoryClass = 14;
    private const int FileFullDirectoryRestartClass = 15;
    private const int FileIdClass = 18;

    private const uint VolumeNameNt = 0x2;

    private const int NoMoreFiles = 18;
    private const int MoreData = 234;

    /// <summary>Opens a folder by its path, through whatever reparse points it has: only for a layer's own root.</summary>
    internal static SafeFileHandle Open(string path, uint access) => Open(path, access, ShareAll, BackupSemantics);

    /// <summary>Opens a disk's device (<c>\\.\PhysicalDrive3</c>) for reading and writing.</summary>
    internal static SafeFileHandle OpenPhysicalDisk(string path) =>
        Open(path, NtOpen.GenericRead | NtOpen.GenericWrite, ShareReadWrite, NoBuffering);

    private static SafeFileHandle Open(string path, uint access, uint share, uint flags)
    {
        SafeFileHandle handle = CreateFileRaw(HostPath.ToLong(path), access, share, 0, OpenExisting, flags, 0);
        int error = Marshal.GetLastPInvokeError();
        if (!handle.IsInvalid)
            return handle;
        handle.Dispose();
        throw new HostCallException("CreateFile", HResult.FromWin32(error), path);
    }

    internal static void SetBasicInformation(SafeFileHandle file, FileBasicInformation information, string path)
    {
        if (!SetFileInformationByHandleRaw(file, FileBasicClass, &information, (uint)sizeof(FileBasicInformation)))
            throw Failed("SetFileInformationByHandle", path);
    }

    internal static FileBasicInformation GetBasicInformation(SafeFileHandle file, string path)
    {
        FileBasicInformation information = default;
        Get(file, FileBasicClass, &information, sizeof(FileBasicInformation), path);
        return information;
    }

    internal static FileStandardInformation GetStandardInformation(SafeFileHandle file, string path)
    {
        FileStandardInformation information = default;
        Get(file, FileStandardClass, &information, sizeof(FileStandardInformation), path);
        return information;
    }

    internal static FileIdInformation GetId(SafeFileHandle file, string path)
    {
        FileIdInformation information = default;
        Get(file, FileIdClass, &information, sizeof(FileIdInformation), path);
        return information;
    }

    /// <summary>Reads the next directory entries into the buffer; false at the end.</summary>
    internal static bool ReadDirectory(SafeFileHandle directory, Span<byte> buffer, bool restart, string path)
    {
        fixed (byte* pointer = buffer)
        {
            if (GetFileInformationByHandleExRaw(
                directory, restart ? FileFullDirectoryRestartClass : FileFullDirectoryClass, pointer, (uint)buffer.Length))
            {
                return true;
            }
        }

        return Marshal.GetLastPInvokeError() == NoMoreFiles ? false : throw Failed("GetFileInformationByHandleEx", path);
    }

    /// <summary>
    /// The file's path as the file system spells it, by the device that its volume is, which may have no drive letter; null where the
    /// system
    /// cannot tell (Wine, beyond 260 characters).
    /// </summary>
    internal static string? GetFinalPath(SafeFileHandle file, string path)
    {
        char[] buffer = new char[512];
        while (true)
        {
            uint length;
            fixed (char* pointer = buffer)
                length = GetFinalPathNameByHandleRaw(file, pointer, (uint)buffer.Length, VolumeNameNt);
            if (length == 0)
                return Marshal.GetLastPInvokeError() == MoreData ? null : throw Failed("GetFinalPathNameByHandle", path);
            if (length < buffer.Length)
                return new string(buffer, 0, (int)length);
            buffer = new char[length + 1];
        }
    }

    /// <summary>The name of the file system that an open file is on: <c>NTFS</c>.</summary>
    internal static string GetFileSystem(SafeFileHandle file, string path)
    {
        const int longest = 261;
        char[] name = new char[longest];
        fixed (char* pointer = name)
        {
            if (!GetVolumeInformationByHandleRaw(file, null, 0, null, null, null, pointer, longest))
                throw Failed("GetVolumeInformationByHandle", path);
        }

        return new string(name.AsSpan(0, name.AsSpan().IndexOf('\0')));
    }

    /// <summary>Feeds bytes of a backup stream to the open file; security is applied.</summary>
    internal static void BackupWrite(SafeFileHandle file, ReadOnlySpan<byte> bytes, ref nint context, string path)
    {
        while (!bytes.IsEmpty)
        {
            uint written;
            bool done;
            fixed (byte* pointer = bytes)
            fixed (nint* state = &context)
                done = BackupWriteRaw(file, pointer, (uint)bytes.Length, &written, abort: false, processSecurity: true, state);
            if (!done)
                throw Failed("BackupWrite", path);
            if (written == 0)
                throw HostStateException.NothingWritten(path);
            bytes = bytes[(int)written..];
        }
    }

    internal static void BackupWriteEnd(SafeFileHandle file, ref nint context)
    {
        uint written;
        fixed (nint* state = &context)
            BackupWriteRaw(file, null, 0, &written, abort: true, processSecurity: true, state);
        context = 0;
    }

    /// <summary>Takes bytes of the open file's backup stream, security included; 0 at its end.</summary>
    internal static int BackupRead(SafeFileHandle file, Span<byte> buffer, ref nint context, string path)
    {
        uint read;
        bool done;
        fixed (byte* pointer = buffer)
        fixed (nint* state = &context)
            done = BackupReadRaw(file, pointer, (uint)buffer.Length, &read, abort: false, processSecurity: true, state);
        return done ? checked((int)read) : throw Failed("BackupRead", path);
    }

    internal static void BackupReadEnd(SafeFileHandle file, ref nint context)
    {
        uint read;
        fixed (nint* state = &context)
            BackupReadRaw(file, null, 0, &read, abort: true, processSecurity: true, state);
        context = 0;
    }

    /// <summary>Skips bytes of the record that is being read; how many it skipped.</summary>
    internal static long BackupSeek(SafeFileHandle file, long count, ref nint context)
    {
        uint low, high;
        fixed (nint* state = &context)
            BackupSeekRaw(file, (uint)count, (uint)(count >> 32), &low, &high, state);

        // Its result says only whether all was skipped; the counts say how much.
        return ((long)high << 32) | low;
    }

    internal static void LocalFree(nint memory) => LocalFreeRaw(memory);

    private static void Get(SafeFileHandle file, int informationClass, void* information, int size, string path)
    {
        if (!GetFileInformationByHandleExRaw(file, informationClass, information, (uint)size))
            throw Failed("GetFileInformationByHandleEx", path);
    }

    private static HostCallException Failed(string call, string path) =>
        new(call, HResult.FromWin32(Marshal.GetLastPInvokeError()), path);

    [LibraryImport(Library, EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial SafeFileHandle CreateFileRaw(string path, uint access, uint share, nint security, uint disposition, uint flags,
        nint template);

    [LibraryImport(Library, EntryPoint = "SetFileInformationByHandle", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetFileInformationByHandleRaw(SafeFileHandle file, int informationClass, void* information, uint size);

    [LibraryImport(Library, EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandleExRaw(SafeFileHandle file, int informationClass, void* information, uint size);

    [LibraryImport(Library, EntryPoint = "GetFinalPathNameByHandleW", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint GetFinalPathNameByHandleRaw(SafeFileHandle file, char* buffer, uint length, uint flags);

    [LibraryImport(Library, EntryPoint = "GetVolumeInformationByHandleW", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetVolumeInformationByHandleRaw(
        SafeFileHandle file, char* label, uint labelLength, uint* serial, uint* longestName, uint* flags, char* fileSystem, uint length);

    [LibraryImport(Library, EntryPoint = "BackupWrite", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool BackupWriteRaw(
        SafeFileHandle file, byte* buffer, uint length, uint* written, [MarshalAs(UnmanagedType.Bool)] bool abort,
        [MarshalAs(UnmanagedType.Bool)] bool processSecurity, nint* context);

    [LibraryImport(Library, EntryPoint = "BackupRead", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool BackupReadRaw(
        SafeFileHandle file, byte* buffer, uint length, uint* read, [MarshalAs(UnmanagedType.Bool)] bool abort,
        [MarshalAs(UnmanagedType.Bool)] bool processSecurity, nint* context);

    [LibraryImport(Library, EntryPoint = "BackupSeek", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool BackupSeekRaw(SafeFileHandle file, uint low, uint high, uint* skippedLow, uint* skippedHigh, nint* context);

    [LibraryImport(Library, EntryPoint = "LocalFree")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint LocalFreeRaw(nint memory);
}
