using System.Text.Json;

namespace WinLayers.Oci.Documents;

/// <summary>
/// Parses JSON whose texts are all well-formed. The framework notices halves of surrogate pairs only when a text is asked for, even a
/// property's
/// name while looking for another, and then with an exception that is not a parser's.
/// </summary>
internal static class WellFormedJson
{
    private const int MaxDepth = 64;

    /// <summary>Parses a document of at most 64 levels.</summary>
    /// <exception cref="JsonException">It is no JSON, or holds text that is not well-formed.</exception>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> bytes, bool allowTrailingCommas = false)
    {
        CheckTexts(bytes.Span, allowTrailingCommas);
        return JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowTrailingCommas = allowTrailingCommas });
    }

    private static void CheckTexts(ReadOnlySpan<byte> bytes, bool allowTrailingCommas)
    {
        Utf8JsonReader reader = new(bytes, new JsonReaderOptions { MaxDepth = MaxDepth, AllowTrailingCommas = allowTrailingCommas });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                    reader.GetString();
            }
        }
        catch (InvalidOperationException e)
        {
            long line = bytes[..(int)reader.TokenStartIndex].Count((byte)'\n');
            throw new JsonException("A text is not well-formed.", path: null, line, bytePositionInLine: null, e);
        }
    }
}
