using System.Diagnostics;
using WinLayers.Formats;

namespace WinLayers.Oci.Documents;

/// <summary>Why a manifest, index or configuration is refused.</summary>
public enum ManifestFailure
{
    /// <summary>It does not keep to its format, or contradicts itself or another document.</summary>
    Malformed,

    /// <summary>It is a document of another type.</summary>
    WrongType,

    /// <summary>It is larger than allowed.</summary>
    TooLarge,

    /// <summary>The manifest and the configuration have different numbers of layers.</summary>
    LayerCount,

    /// <summary>The source has no such manifest or blob.</summary>
    NotFound,

    /// <summary>The image has more layers than allowed.</summary>
    TooManyLayers,
}

/// <summary>A manifest, index or configuration is malformed, missing or too large, or contradicts another document.</summary>
public sealed class ManifestException : WinLayersException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">Why the document is refused.</param>
    /// <param name="document">The document: its digest, or where it is.</param>
    /// <param name="problem">What is wrong with it, without the closing full stop.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    internal ManifestException(ManifestFailure reason, string document, string problem, Exception? innerException = null)
        : base(CodeOf(reason), $"{document}: {problem}.", innerException)
    {
        Reason = reason;
        Document = document;
    }

    /// <summary>Why the document is refused.</summary>
    public ManifestFailure Reason { get; }

    /// <summary>The document: its digest, or where it is.</summary>
    public string Document { get; }

    internal static string CodeOf(ManifestFailure reason) => reason switch
    {
        ManifestFailure.Malformed => "WCL7001",
        ManifestFailure.WrongType => "WCL7002",
        ManifestFailure.TooLarge => "WCL7003",
        ManifestFailure.LayerCount => "WCL7004",
        ManifestFailure.NotFound => "WCL7005",
        ManifestFailure.TooManyLayers => "WCL7006",
        _ => throw new UnreachableException(),
    };
}
