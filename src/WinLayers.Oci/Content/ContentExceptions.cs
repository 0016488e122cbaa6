using System.Diagnostics;
using WinLayers.Formats;
using WinLayers.Oci.Digests;

namespace WinLayers.Oci.Content;

/// <summary>Content does not have the digest that it should have.</summary>
public sealed class DigestMismatchException : WinLayersException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="content">What was read: <c>blob</c>, <c>uncompressed layer</c>.</param>
    /// <param name="expected">The digest it should have.</param>
    /// <param name="actual">The digest it has.</param>
    /// <param name="bytesRead">How many bytes were read.</param>
    public DigestMismatchException(string content, Digest expected, Digest actual, long bytesRead)
        : base("WCL3001", $"The {content} has the digest {actual} after {bytesRead} bytes; expected {expected}.")
    {
        Expected = expected;
        Actual = actual;
        BytesRead = bytesRead;
    }

    /// <summary>The digest it should have.</summary>
    public Digest Expected { get; }

    /// <summary>The digest it has.</summary>
    public Digest Actual { get; }

    /// <summary>How many bytes were read.</summary>
    public long BytesRead { get; }
}

/// <summary>Content is longer or shorter than it should be.</summary>
public sealed class SizeMismatchException : WinLayersException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="content">What was read, with its digest.</param>
    /// <param name="expected">How many bytes there should be.</param>
    /// <param name="actual">How many were read when that was noticed; more may follow.</param>
    public SizeMismatchException(string content, long expected, long actual)
        : base("WCL3002",
            $"The {content} {(actual > expected ? $"has more than its {expected} bytes" : $"ends after {actual} of {expected} bytes")}.")
    {
        Expected = expected;
        Actual = actual;
    }

    /// <summary>How many bytes there should be.</summary>
    public long Expected { get; }

    /// <summary>How many were read when that was noticed.</summary>
    public long Actual { get; }
}

/// <summary>Why compressed content cannot be expanded.</summary>
public enum CompressionFailure
{
    /// <summary>The data is damaged.</summary>
    Damaged,

    /// <summary>The data ends too early.</summary>
    Truncated,

    /// <summary>Other bytes follow the data.</summary>
    TrailingBytes,

    /// <summary>The data expands beyond its limit.</summary>
    ExpansionRatio,

    /// <summary>The content is neither a tar nor compressed in a known way.</summary>
    UnknownFormat,

    /// <summary>The data needs a larger window than is allowed.</summary>
    WindowTooLarge,
}

/// <summary>Compressed content is damaged or in an unknown format, or expands beyond its limit.</summary>
public sealed class CompressionException : WinLayersException
{
    internal CompressionException(CompressionFailure reason, string message, Exception? innerException = null)
        : base(CodeOf(reason), message, innerException) => Reason = reason;

    /// <summary>Why the content cannot be expanded.</summary>
    public CompressionFailure Reason { get; }

    internal static string CodeOf(CompressionFailure reason) => reason switch
    {
        CompressionFailure.Damaged => "WCL3003",
        CompressionFailure.Truncated => "WCL3004",
        CompressionFailure.TrailingBytes => "WCL3005",
        CompressionFailure.ExpansionRatio => "WCL3006",
        CompressionFailure.UnknownFormat => "WCL3007",
        CompressionFailure.WindowTooLarge => "WCL3009",
        _ => throw new UnreachableException(),
    };
}
