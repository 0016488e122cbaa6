namespace WinLayers.Images;

/// <summary>A text that should name an image does not.</summary>
public sealed class ImageReferenceException : WinLayersException
{
    internal const string Malformed = "WCL1001";
    internal const string UnknownTransport = "WCL1002";
    internal const string NotATarget = "WCL1003";

    private const int LongestText = 200;

    internal ImageReferenceException(string code, string text, string problem)
        : base(code, $"'{SafeText.Of(text, LongestText)}' {(code == NotATarget ? "is no place for an image" : "is not an image reference")}: {problem}.") => Text = text;

    /// <summary>The text as given; it may be long and hold anything.</summary>
    public string Text { get; }
}
