using WinLayers.Formats;

namespace WinLayers.Oci.Archives;

/// <summary>An image archive is not what <c>docker save</c> would have written, or lacks what is asked of it.</summary>
public sealed class ArchiveException : WinLayersException
{
    internal const string Malformed = "WCL7021";
    internal const string UnknownName = "WCL7022";
    internal const string CannotHold = "WCL7023";
    internal const string NotAFile = "WCL7024";

    internal ArchiveException(string code, string archive, string problem, Exception? innerException = null)
        : base(code, $"'{archive}': {problem}.", innerException) => Archive = archive;

    /// <summary>The archive's file.</summary>
    public string Archive { get; }
}
