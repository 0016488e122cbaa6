using System.Diagnostics;
using System.Runtime.InteropServices;
using WinLayers.Formats;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>Why a file or folder could not be read or written.</summary>
public enum DiskFailure
{
    /// <summary>Another reason; the message has it.</summary>
    Other,

    /// <summary>No space, or no quota, is left.</summary>
    Full,

    /// <summary>The file system is read-only.</summary>
    ReadOnly,

    /// <summary>This user has no permission.</summary>
    AccessDenied,

    /// <summary>A file is there already, and is not to be replaced.</summary>
    AlreadyThere,

    /// <summary>A link, a folder or a device is in the place of a plain file.</summary>
    NotAPlainFile,

    /// <summary>The process, or the whole system, has as many files open as it may.</summary>
    TooManyOpenFiles,
}

/// <summary>A file or folder could not be read or written.</summary>
public sealed class DiskException : WinLayersException
{
    private DiskException(DiskFailure reason, string message, Exception? cause)
        : base(CodeOf(reason), message, cause)
    {
        Reason = reason;
        Remedy = RemedyOf(reason);
    }

    /// <summary>Why the file or folder could not be read or written.</summary>
    public DiskFailure Reason { get; }

    /// <summary>A failure of the framework's file calls with the reason that its error number tells.</summary>
    /// <param name="cause">An <see cref="IOException"/> or an <see cref="UnauthorizedAccessException"/>.</param>
    /// <returns>The same failure with a code and a remedy; <paramref name="cause"/> itself where it has them already.</returns>
    public static WinLayersException From(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return cause as WinLayersException ?? new DiskException(ReasonOf(cause), cause.Message, cause);
    }

    internal static string CodeOf(DiskFailure reason) => reason switch
    {
        DiskFailure.Other => "WCL5024",
        DiskFailure.Full => "WCL5021",
        DiskFailure.ReadOnly => "WCL5022",
        DiskFailure.AccessDenied => "WCL5023",
        DiskFailure.AlreadyThere => "WCL5025",
        DiskFailure.NotAPlainFile => "WCL5003",
        DiskFailure.TooManyOpenFiles => "WCL5026",
        _ => throw new UnreachableException(),
    };

    /// <summary>A failed call, from the error number that it left.</summary>
    internal static DiskException FromErrno(int errno, string operation, string path)
    {
        DiskFailure reason =
            errno == LibcConstants.NoSpace || errno == LibcConstants.QuotaExceeded ? DiskFailure.Full
            : errno == LibcConstants.ReadOnlyFileSystem ? DiskFailure.ReadOnly
            : errno is LibcConstants.AccessDenied or LibcConstants.NotPermitted ? DiskFailure.AccessDenied
            : errno is LibcConstants.TooManyOpen or LibcConstants.TooManyOpenInSystem ? DiskFailure.TooManyOpenFiles
            : DiskFailure.Other;
        return new DiskException(reason, $"{operation} '{path}': {Marshal.GetPInvokeErrorMessage(errno)}", cause: null);
    }

    /// <summary>A failed call of Windows, from the error that it left.</summary>
    internal static DiskException FromWin32(int error, string operation, string path)
    {
        const int accessDenied = 5, writeProtected = 19, handleDiskFull = 39, diskFull = 112;
        DiskFailure reason = error switch
        {
            accessDenied => DiskFailure.AccessDenied,
            writeProtected => DiskFailure.ReadOnly,
            handleDiskFull or diskFull => DiskFailure.Full,
            _ => DiskFailure.Other,
        };
        return new DiskException(reason, $"{operation} '{path}': {Marshal.GetPInvokeErrorMessage(error)}", cause: null);
    }

    /// <summary>A failure of the framework's file calls.</summary>
    internal static WinLayersException FromIO(Exception cause, string operation, string path) =>
        cause as WinLayersException ?? new DiskException(ReasonOf(cause), $"{operation} '{path}': {cause.Message}", cause);

    /// <summary>A file is there already, and is not to be replaced.</summary>
    internal static DiskException AlreadyThere(string path) =>
        new(DiskFailure.AlreadyThere, $"cannot write '{path}': it is there already", cause: null);

    /// <summary>What is to be written is larger than the room that is left.</summary>
    internal static DiskException NoRoom(string path, long neededBytes, long freeBytes) =>
        new(DiskFailure.Full, $"cannot write '{path}': it takes {neededBytes} bytes, {freeBytes} are free", cause: null);

    /// <summary>Something else stands in a plain file's place.</summary>
    internal static DiskException NotPlain(string path, Exception? cause = null) =>
        new(DiskFailure.NotAPlainFile, $"'{path}' is a link, a folder or a device; expected a plain file.", cause);

    /// <summary>A link stands in a folder's place.</summary>
    internal static DiskException LinkForFolder(string path) =>
        new(DiskFailure.NotAPlainFile, $"'{path}' is a link; nothing is written through it.", cause: null);

    /// <summary>
    /// Whether a failure of the framework's file calls is none of what was read: a disk that is full or may not be written, or too many
    /// open files.
    /// </summary>
    internal static bool IsDiskAtFault(Exception cause) =>
        cause is not WinLayersException && cause is IOException or UnauthorizedAccessException && ReasonOf(cause) is not DiskFailure.Other;

    /// <summary>
    /// Whether a failure says nothing of what was to be read, because nothing could be opened at all: whoever looks for damage passes it
    /// on.
    /// </summary>
    internal static bool IsOutOfFiles(Exception cause) => cause is DiskException { Reason: DiskFailure.TooManyOpenFiles };

    private static DiskFailure ReasonOf(Exception cause)
    {
        const int windowsDiskFull = unchecked((int)0x80070070), windowsHandleDiskFull = unchecked((int)0x80070027),
            windowsTooManyOpen = unchecked((int)0x80070004);
        return cause is UnauthorizedAccessException ? DiskFailure.AccessDenied
            : cause.HResult is windowsDiskFull or windowsHandleDiskFull ? DiskFailure.Full
            : OperatingSystem.IsWindows()
                ? (cause.HResult is windowsTooManyOpen ? DiskFailure.TooManyOpenFiles : DiskFailure.Other)
            : cause.HResult == LibcConstants.NoSpace || cause.HResult == LibcConstants.QuotaExceeded ? DiskFailure.Full
            : cause.HResult == LibcConstants.ReadOnlyFileSystem ? DiskFailure.ReadOnly
            : cause.HResult is LibcConstants.TooManyOpen or LibcConstants.TooManyOpenInSystem ? DiskFailure.TooManyOpenFiles
            : DiskFailure.Other;
    }

    private static string? RemedyOf(DiskFailure reason) => reason switch
    {
        DiskFailure.Full => "Free some space, or use a store on another disk.",
        DiskFailure.ReadOnly => "Use a store on a writable file system.",
        DiskFailure.AccessDenied => "Check who owns the folder, or use a store of your own.",
        DiskFailure.AlreadyThere => "Remove it first, or have it replaced.",
        DiskFailure.TooManyOpenFiles => "Let this process have more open files, on Unix with 'ulimit -n'.",
        _ => null,
    };
}
