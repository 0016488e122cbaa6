using System.Runtime.InteropServices;
using WinLayers.Formats;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>Why a folder of the store could not be read or written.</summary>
public enum DiskFailure
{
    /// <summary>Something else: the message says what.</summary>
    Other,

    /// <summary>No space, or no quota, is left.</summary>
    Full,

    /// <summary>The file system is mounted for reading alone.</summary>
    ReadOnly,

    /// <summary>This user may not.</summary>
    AccessDenied,

    /// <summary>A link, a folder or a device is in the place of a plain file.</summary>
    NotAPlainFile,
}

/// <summary>The file system below a layer or the store refused something.</summary>
public sealed class DiskException : WinLayersException
{
    private DiskException(DiskFailure failure, string code, string message, string? remedy, Exception? cause)
        : base(code, message, cause)
    {
        Failure = failure;
        Remedy = remedy;
    }

    /// <summary>Why.</summary>
    public DiskFailure Failure { get; }

    /// <summary>A failed call, from the error number that it left.</summary>
    internal static DiskException FromErrno(int errno, string operation, string path)
    {
        DiskFailure failure =
            errno == LibcConstants.NoSpace || errno == LibcConstants.QuotaExceeded ? DiskFailure.Full
            : errno == LibcConstants.ReadOnlyFileSystem ? DiskFailure.ReadOnly
            : errno is LibcConstants.AccessDenied or LibcConstants.NotPermitted ? DiskFailure.AccessDenied
            : DiskFailure.Other;
        return Make(failure, $"{operation} '{path}': {Marshal.GetPInvokeErrorMessage(errno)}", cause: null);
    }

    /// <summary>A failure of the framework's file calls.</summary>
    internal static WinLayersException FromIO(Exception cause, string operation, string path)
    {
        if (cause is WinLayersException known)
            return known;
        return Make(FailureOf(cause), $"{operation} '{path}': {cause.Message}", cause);
    }

    /// <summary>Something else stands in a plain file's place.</summary>
    internal static DiskException NotPlain(string path, Exception? cause = null) =>
        Make(DiskFailure.NotAPlainFile, $"'{path}' is a link, a folder or a device; expected a plain file.", cause);

    /// <summary>A link stands in a folder's place.</summary>
    internal static DiskException LinkForFolder(string path) =>
        Make(DiskFailure.NotAPlainFile, $"'{path}' is a link; nothing is written through it.", cause: null);

    /// <summary>Whether a failure of the framework's file calls is one of a disk that is full or may not be written.</summary>
    internal static bool IsDiskAtFault(Exception cause) =>
        cause is IOException and not WinLayersException && FailureOf(cause) is (DiskFailure.Full or DiskFailure.ReadOnly);

    private static DiskFailure FailureOf(Exception cause)
    {
        const int windowsDiskFull = unchecked((int)0x80070070), windowsHandleDiskFull = unchecked((int)0x80070027);
        return cause is UnauthorizedAccessException ? DiskFailure.AccessDenied
            : cause.HResult is windowsDiskFull or windowsHandleDiskFull ? DiskFailure.Full
            : OperatingSystem.IsWindows() ? DiskFailure.Other
            : cause.HResult == LibcConstants.NoSpace || cause.HResult == LibcConstants.QuotaExceeded ? DiskFailure.Full
            : cause.HResult == LibcConstants.ReadOnlyFileSystem ? DiskFailure.ReadOnly
            : DiskFailure.Other;
    }

    private static DiskException Make(DiskFailure failure, string message, Exception? cause) => failure switch
    {
        DiskFailure.Full => new(failure, "WCL5021", message, "Free some space, or give a store on another disk with --store.", cause),
        DiskFailure.ReadOnly => new(failure, "WCL5022", message, "Give a store on a writable file system with --store.", cause),
        DiskFailure.AccessDenied => new(failure, "WCL5023", message, "Check who owns the folder, or give a store of your own with --store.", cause),
        DiskFailure.NotAPlainFile => new(failure, "WCL5003", message, remedy: null, cause),
        _ => new(failure, "WCL5024", message, remedy: null, cause),
    };
}
