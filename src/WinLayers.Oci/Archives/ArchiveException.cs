using System.Diagnostics;
using WinLayers.Formats;

namespace WinLayers.Oci.Archives;

/// <summary>Why an image archive cannot be read or written.</summary>
public enum ArchiveFailure
{
    /// <summary>It cannot be read, or is not what <c>docker save</c> writes, or no layout packed as a tar.</summary>
    Malformed,

    /// <summary>It has no image of this name.</summary>
    UnknownName,

    /// <summary>The format cannot hold this image.</summary>
    CannotHold,

    /// <summary>A folder, a link or a device is where the archive is to be written.</summary>
    NotAFile,
}

/// <summary>An image archive is malformed, does not have the image that is asked for, or cannot be written.</summary>
public sealed class ArchiveException : WinLayersException
{
    internal ArchiveException(ArchiveFailure reason, string archive, string problem, Exception? innerException = null)
        : base(CodeOf(reason), $"'{archive}': {problem}.", innerException)
    {
        Reason = reason;
        Archive = archive;
    }

    /// <summary>Why the archive cannot be read or written.</summary>
    public ArchiveFailure Reason { get; }

    /// <summary>The archive's file.</summary>
    public string Archive { get; }

    internal static string CodeOf(ArchiveFailure reason) => reason switch
    {
        ArchiveFailure.Malformed => "WCL7021",
        ArchiveFailure.UnknownName => "WCL7022",
        ArchiveFailure.CannotHold => "WCL7023",
        ArchiveFailure.NotAFile => "WCL7024",
        _ => throw new UnreachableException(),
    };
}
