using System.Globalization;
using System.Text;

namespace WinLayers.Cli.Terminal;

/// <summary>
/// Text from outside made fit for a terminal: what would move the cursor, colour the screen or turn the reading direction is
/// written as <c>\u{…}</c>, so that a hostile name shows instead of acting.
/// </summary>
internal static class Printable
{
    /// <summary>The text with everything unprintable escaped; the same string where nothing is.</summary>
    public static string Of(string text)
    {
        for (int i = 0; i < text.Length; i++)
            if (IsUnsafe(text, i))
                return Escape(text);
        return text;
    }

    /// <summary>A message in one line: line breaks become spaces, the rest is escaped.</summary>
    public static string OneLine(string text)
    {
        if (text.AsSpan().ContainsAny('\r', '\n'))
            text = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return Of(text);
    }

    private static bool IsUnsafe(string text, int index)
    {
        char c = text[index];
        if (c is >= ' ' and < '\u007F')
            return false;
        if (char.IsSurrogate(c))
            return !char.IsSurrogatePair(text, index) && !(index > 0 && char.IsSurrogatePair(text, index - 1));
        // Format holds the bidirectional overrides and the invisible marks.
        return char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            if (IsUnsafe(text, i))
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)text[i]:X}}}");
            else
                escaped.Append(text[i]);
        }

        return escaped.ToString();
    }
}
