using WinLayers.Formats;

namespace WinLayers.Oci.References;

/// <summary>A text that should name an image does not.</summary>
public sealed class ImageReferenceException : WinLayersException
{
    internal const string Malformed = "WCL1001";
    internal const string UnknownTransport = "WCL1002";
    internal const string NotATarget = "WCL1003";

    internal ImageReferenceException(string code, string text, string problem)
        : base(code, $"'{Shown(text)}' {(code == NotATarget ? "is no place for an image" : "is not an image reference")}: {problem}.") => Text = text;

    /// <summary>The text as given; it may be long and hold anything.</summary>
    public string Text { get; }

    // A hostile reference must not paint the terminal or break the one line that an error has.
    private static string Shown(string text)
    {
        const int longest = 200;
        ReadOnlySpan<char> shown = text.Length <= longest ? text : string.Concat(text.AsSpan(0, longest), "…");
        char[] clean = shown.ToArray();
        for (int i = 0; i < clean.Length; i++)
        {
            if (char.IsControl(clean[i]) || char.GetUnicodeCategory(clean[i]) is System.Globalization.UnicodeCategory.Format)
                clean[i] = '\uFFFD';
        }

        return new string(clean);
    }
}
