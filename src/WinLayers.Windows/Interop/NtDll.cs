using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Interop;

/// <summary>How a file is opened below a folder's handle.</summary>
/// <param name="Access">Access mask; SYNCHRONIZE is added.</param>
/// <param name="Disposition">What happens if it is there, or is not.</param>
/// <param name="Options">Create options besides synchronous, for backup and not through a reparse point.</param>
internal readonly record struct NtOpen(uint Access, uint Disposition = NtOpen.Existing, uint Options = 0)
{
    internal const uint Existing = 1;
    internal const uint New = 2;
    internal const uint OverwriteOrNew = 5;

    internal const uint DirectoryOnly = 0x1;
    internal const uint FileOnly = 0x40;

    internal const uint ListDirectory = 0x1;
    internal const uint ReadAttributes = 0x80;
    internal const uint WriteAttributes = 0x100;
    internal const uint Delete = 0x10000;
    internal const uint ReadControl = 0x20000;
    internal const uint WriteDac = 0x40000;
    internal const uint WriteOwner = 0x80000;
    internal const uint Synchronize = 0x100000;
    internal const uint AccessSystemSecurity = 0x1000000;
    internal const uint GenericWrite = 0x40000000;
    internal const uint GenericRead = 0x80000000;

    /// <summary>What BackupWrite needs to keep the whole security descriptor: with less, Windows drops it in silence.</summary>
    internal const uint Restore = GenericRead | GenericWrite | WriteDac | WriteOwner | AccessSystemSecurity;

    /// <summary>What BackupRead needs to give the whole security descriptor.</summary>
    internal const uint Backup = GenericRead | AccessSystemSecurity;
}

/// <summary>The calls of ntdll.dll: opening below a handle, links and removal by handle.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class NtDll
{
    private const string Library = "ntdll.dll";
    private const uint SynchronousNonAlert = 0x20;
    private const uint OpenForBackup = 0x4000;
    private const uint OpenReparsePoint = 0x200000;
    private const uint ShareAll = 0x7;

    private const int FileLinkClass = 11;
    private const int FileDispositionClass = 13;
    private const int FileDispositionExClass = 64;
    private const uint DispositionDelete = 0x1;
    private const uint DispositionPosix = 0x2;
    private const uint DispositionIgnoreReadOnly = 0x10;

    /// <summary>
    /// Opens <paramref name="name"/> below <paramref name="root"/>. No reparse point on the way is followed (the call fails), and
    /// one at the end is opened as itself.
    /// </summary>
    /// <returns>The NTSTATUS; the handle is valid where it is not negative.</returns>
    internal static int TryOpen(SafeFileHandle root, string name, NtOpen how, out SafeFileHandle file)
    {
        ObjectAttributes attributes;
        IoStatusBlock io;
        nint opened = 0;
        int status;
        bool held = false;
        try
        {
            root.DangerousAddRef(ref held);
            fixed (char* text = name)
            {
                ushort bytes = checked((ushort)(name.Length * sizeof(char)));
                UnicodeString objectName = new() { Length = bytes, MaximumLength = bytes, Buffer = text };
                attributes = new ObjectAttributes
                {
                    Length = (uint)sizeof(ObjectAttributes),
                    RootDirectory = root.DangerousGetHandle(),
                    ObjectName = &objectName,
                    Attributes = ObjectAttributes.DontReparse | ObjectAttributes.CaseInsensitive,
                };
                status = NtCreateFileRaw(
                    &opened,
                    how.Access | NtOpen.Synchronize,
                    &attributes,
                    &io,
                    null,
                    fileAttributes: 0,
                    ShareAll,
                    how.Disposition,
                    how.Options | SynchronousNonAlert | OpenForBackup | OpenReparsePoint,
                    null,
                    0);
            }
        }
        finally
        {
            if (held)
                root.DangerousRelease();
        }

        file = new SafeFileHandle(status < 0 ? 0 : opened, ownsHandle: true);
        return status;
    }

    /// <summary>Gives the open file a further name, <paramref name="name"/> in the open <paramref name="directory"/>.</summary>
    internal static int TryLink(SafeFileHandle file, SafeFileHandle directory, string name)
    {
        int nameBytes = checked(name.Length * sizeof(char));
        int size = FileLinkInformation.NameOffset + nameBytes;
        byte[] buffer = new byte[Math.Max(size, sizeof(FileLinkInformation))];
        bool held = false;
        try
        {
            directory.DangerousAddRef(ref held);
            FileLinkInformation link = new() { RootDirectory = directory.DangerousGetHandle(), FileNameLength = (uint)nameBytes };
            MemoryMarshal.Write(buffer, in link);
            MemoryMarshal.AsBytes(name.AsSpan()).CopyTo(buffer.AsSpan(FileLinkInformation.NameOffset));
            fixed (byte* pointer = buffer)
            {
                IoStatusBlock io;
                return NtSetInformationFileRaw(file, &io, pointer, (uint)buffer.Length, FileLinkClass);
            }
        }
        finally
        {
            if (held)
                directory.DangerousRelease();
        }
    }

    /// <summary>Removes the open file or empty directory at once, read-only or not, where the file system can do that.</summary>
    internal static int TryDeletePosix(SafeFileHandle file)
    {
        uint flags = DispositionDelete | DispositionPosix | DispositionIgnoreReadOnly;
        IoStatusBlock io;
        return NtSetInformationFileRaw(file, &io, &flags, sizeof(uint), FileDispositionExClass);
    }

    /// <summary>Removes the open file or empty directory when its last handle closes; a read-only one is refused.</summary>
    internal static int TryDelete(SafeFileHandle file)
    {
        byte delete = 1;
        IoStatusBlock io;
        return NtSetInformationFileRaw(file, &io, &delete, sizeof(byte), FileDispositionClass);
    }

    /// <summary>A call's failure, which keeps its status.</summary>
    internal static HostCallException Failed(string call, int status, string path, string? target = null) =>
        new(call, HResult.FromNtStatus(status, (int)RtlNtStatusToDosErrorRaw(status)), path)
        {
            NtStatus = status,
            Link = target is null ? null : path,
            Target = target,
        };

    [LibraryImport(Library, EntryPoint = "NtCreateFile")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int NtCreateFileRaw(
        nint* file, uint access, ObjectAttributes* attributes, IoStatusBlock* io, long* allocation, uint fileAttributes, uint share,
        uint disposition, uint options, void* extendedAttributes, uint extendedAttributesLength);

    [LibraryImport(Library, EntryPoint = "NtSetInformationFile")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int NtSetInformationFileRaw(SafeFileHandle file, IoStatusBlock* io, void* information, uint length,
        int informationClass);

    [LibraryImport(Library, EntryPoint = "RtlNtStatusToDosError")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint RtlNtStatusToDosErrorRaw(int status);
}
