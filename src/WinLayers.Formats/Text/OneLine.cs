
namespace WinLayers.Formats.Text;

/// <summary>
/// Text that quotes what came from outside, safe to show: it must not paint the terminal, forge a second line or fill a log.
/// </summary>
internal static class OneLine
{
    private const int MaxText = 1400;

    /// <summary>The text with control characters and line separators replaced, cut where it is longer than anybody reads.</summary>
    public static string Of(string text, int longest = MaxText)
    {
        string shown = text.Length <= longest ? text : string.Concat(text.AsSpan(0, longest), "…");
        return shown.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && shown.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0
            && shown.AsSpan().IndexOfAny('\u2028', '\u2029') < 0
            ? shown
            : string.Create(shown.Length, shown, static (span, from) =>
            {
                for (int i = 0; i < span.Length; i++)
                    span[i] = char.IsControl(from[i]) || from[i] is '\u2028' or '\u2029' ? '\uFFFD' : from[i];
            });
    }
}
