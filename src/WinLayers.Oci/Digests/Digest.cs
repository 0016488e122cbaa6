using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace WinLayers.Oci.Digests;

/// <summary>
/// A content digest: <c>sha256:</c> and 64 lower-case hex digits, or <c>sha512:</c> and 128. One that exists is well-formed, so it
/// is safe in a URL and as a file name. The default value is not a digest; its properties throw.
/// </summary>
public readonly record struct Digest
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm => Text[..6];

    /// <summary>The hex digits.</summary>
    public string Hex => Text[7..];

    private string Text => _text ?? throw new InvalidOperationException("The default value is not a digest.");

    /// <summary>Reads a digest.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out Digest digest)
            ? digest
            : throw new FormatException($"'{text}' is not a digest: expected sha256: and 64, or sha512: and 128 lower-case hex digits.");

    /// <summary>Reads a digest; false where it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null)
            return false;
        bool rightLength =
            (text.StartsWith("sha256:", StringComparison.Ordinal) && text.Length == 7 + 64) ||
            (text.StartsWith("sha512:", StringComparison.Ordinal) && text.Length == 7 + 128);
        if (!rightLength || text.AsSpan(7).ContainsAnyExcept(HexDigits))
            return false;
        digest = new Digest(text);
        return true;
    }

    /// <summary>
    /// Reads a digest that a person or another program wrote: white space around it does not matter, nor the letter case of its digits and
    /// its algorithm. Documents are read by <see cref="Parse"/>, where a digest has one spelling.
    /// </summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Digest ParseUserInput(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        // Only what becomes a digest is lowered: no other letter turns into one of its own.
        return TryParse(trimmed.All(char.IsAscii) ? trimmed.ToLowerInvariant() : trimmed, out Digest digest) ? digest : Parse(text);
    }

    /// <summary>The digest with these hash bytes: 32 of SHA-256 or 64 of SHA-512.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash) => hash.Length switch
    {
        32 => new Digest("sha256:" + Convert.ToHexStringLower(hash)),
        64 => new Digest("sha512:" + Convert.ToHexStringLower(hash)),
        _ => throw new ArgumentException($"A hash of {hash.Length} bytes is neither SHA-256 nor SHA-512.", nameof(hash)),
    };

    /// <summary>The digest as it is written: <c>sha256:…</c>.</summary>
    public override string ToString() => Text;
}
