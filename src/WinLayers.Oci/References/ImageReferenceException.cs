using System.Diagnostics;
using WinLayers.Formats;
using WinLayers.Formats.Text;

namespace WinLayers.Oci.References;

/// <summary>Why a text does not name an image, or not one for this purpose.</summary>
public enum ImageReferenceFailure
{
    /// <summary>The text does not follow the grammar of references.</summary>
    Malformed,

    /// <summary>The reference starts with a transport that is not known.</summary>
    UnknownTransport,

    /// <summary>Images can be read from there, but not written to it.</summary>
    NotATarget,
}

/// <summary>A text that should name an image does not, or names a place where none can be written.</summary>
public sealed class ImageReferenceException : WinLayersException
{
    private const int MaxText = 200;

    internal ImageReferenceException(ImageReferenceFailure reason, string text, string problem)
        : base(CodeOf(reason),
            $"'{SafeText.Excerpt(text, MaxText)}' " +
                $"{(reason is ImageReferenceFailure.NotATarget ? "is no place for an image" : "is not an image reference")}: {problem}.")
    {
        Reason = reason;
        Text = text;
    }

    /// <summary>Why the text is refused.</summary>
    public ImageReferenceFailure Reason { get; }

    /// <summary>The text as given; it may be long and hold anything.</summary>
    public string Text { get; }

    internal static string CodeOf(ImageReferenceFailure reason) => reason switch
    {
        ImageReferenceFailure.Malformed => "WCL1001",
        ImageReferenceFailure.UnknownTransport => "WCL1002",
        ImageReferenceFailure.NotATarget => "WCL1003",
        _ => throw new UnreachableException(),
    };
}
