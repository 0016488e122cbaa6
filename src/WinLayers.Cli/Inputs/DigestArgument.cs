using System.Buffers;
using WinLayers.Cli.Frame;

namespace WinLayers.Cli.Inputs;

/// <summary>
/// An image of the store named by its digest, or by as much of it as listings print: <c>sha256:</c> and 12 or more digits. The bare
/// digits do where the store has such an image.
/// </summary>
internal static class DigestArgument
{
    private const int MinDigits = 12;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private static readonly (string Prefix, int Digits)[] Algorithms = [("sha256:", 64), ("sha512:", 128)];

    /// <summary>The start of the digest that a text is; null where it is something else.</summary>
    /// <exception cref="UsageException">It begins like a digest and is none.</exception>
    public static string? StartOf(string text)
    {
        foreach ((string prefix, int digits) in Algorithms)
        {
            if (!text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            return IsHex(text.AsSpan(prefix.Length), digits) ? text.ToLowerInvariant()
                : throw new UsageException($"'{text}' is no digest: {prefix} and {MinDigits} to {digits} hex digits");
        }

        return null;
    }

    /// <summary>The same of bare digits, which may be a repository's name as well.</summary>
    public static string? StartOfBare(string text) =>
        IsHex(text, Algorithms[0].Digits) ? Algorithms[0].Prefix + text.ToLowerInvariant() : null;

    /// <summary>Either of them.</summary>
    public static string? StartOfAny(string text) => StartOf(text) ?? StartOfBare(text);

    private static bool IsHex(ReadOnlySpan<char> text, int max) =>
        text.Length >= MinDigits && text.Length <= max && !text.ContainsAnyExcept(HexDigits);
}
