using WinLayers.Formats;

namespace WinLayers.Oci.Documents;

/// <summary>A manifest, index or configuration is malformed, contradicts itself or another, or is too large.</summary>
public sealed class ManifestException : WinLayersException
{
    internal const string Malformed = "WCL7001";
    internal const string WrongType = "WCL7002";
    internal const string TooLarge = "WCL7003";
    internal const string LayerCount = "WCL7004";
    internal const string NotFound = "WCL7005";

    /// <summary>Creates the exception.</summary>
    /// <param name="code">The stable code, <c>WCL70nn</c>.</param>
    /// <param name="document">The document: its digest, or where it is.</param>
    /// <param name="problem">What is wrong with it, without the closing full stop.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    internal ManifestException(string code, string document, string problem, Exception? innerException = null)
        : base(code, $"{document}: {problem}.", innerException) => Document = document;

    /// <summary>The document: its digest, or where it is.</summary>
    public string Document { get; }
}
