using System.Buffers;
using System.Globalization;
using System.Text;

namespace WinLayers.Formats.Text;

/// <summary>
/// Text from outside made safe to show. What moves a cursor, colours a screen, starts a line, turns the reading direction or is not to be
/// seen at all is written as <c>\u{…}</c>: control and format characters, line and paragraph separators, halves of surrogate pairs.
/// </summary>
public static class SafeText
{
    /// <summary>Characters of an error's message at most: more than anybody reads.</summary>
    internal const int MaxMessage = 1400;

    private const int MaxExcerpt = 80;
    private const int MaxEscape = 10;

    // No optional limit, neither here nor below: as Select(SafeText.OneLine) that would be taken for the one with an index.

    /// <summary>The text with everything unsafe escaped.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? Excerpt(text, int.MaxValue) : text;
    }

    /// <summary>A message of perhaps many lines in one: line breaks become spaces, everything else that is unsafe is escaped.</summary>
    public static string OneLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.AsSpan().ContainsAny('\r', '\n'))
            text = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return Of(text);
    }

    /// <summary>As much of a text as helps in a message, everything unsafe escaped.</summary>
    /// <param name="text">The text.</param>
    /// <param name="limit">How many characters it has at most, escapes counted; where more would follow, an ellipsis does.</param>
    internal static string Excerpt(ReadOnlySpan<char> text, int limit = MaxExcerpt)
    {
        StringBuilder safe = new(Math.Min(text.Length, limit) + 1);
        Span<char> piece = stackalloc char[MaxEscape];
        while (!text.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf16(text, out Rune rune, out int length);
            ReadOnlySpan<char> shown =
                status != OperationStatus.Done ? Escape(text[0], piece) : IsUnsafe(rune) ? Escape(rune.Value, piece) : text[..length];
            if (safe.Length + shown.Length > limit)
                return safe.Append('…').ToString();
            safe.Append(shown);
            text = text[length..];
        }

        return safe.ToString();
    }

    // Format has the bidirectional controls and the invisible marks, also those beyond the Basic Multilingual Plane.
    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static ReadOnlySpan<char> Escape(int value, Span<char> piece)
    {
        piece.TryWrite(CultureInfo.InvariantCulture, $"\\u{{{value:X}}}", out int length);
        return piece[..length];
    }
}
