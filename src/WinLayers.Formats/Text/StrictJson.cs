using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace WinLayers.Formats.Text;

/// <summary>
/// The one way to read JSON from outside: no key twice in an object (RFC 8259 leaves open which one counts, so two tools would read two
/// documents), at most 64 levels, nothing after the value, no comments, and every text well-formed Unicode.
/// </summary>
internal static class StrictJson
{
    private const int MaxDepth = 64;

    /// <summary>Parses a document.</summary>
    /// <param name="bytes">The document.</param>
    /// <param name="allowTrailingCommas">For files that people edit.</param>
    /// <param name="allowDuplicateKeys">For who has to see all that a document may mean to anybody.</param>
    /// <exception cref="JsonException">
    /// It is not what it should be; the message is ours, fits after the document's name, and quotes at most a key.
    /// </exception>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> bytes, bool allowTrailingCommas = false, bool allowDuplicateKeys = false)
    {
        Check(bytes.Span, allowTrailingCommas, allowDuplicateKeys);
        return JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowTrailingCommas = allowTrailingCommas });
    }

    /// <summary>Reads a document into an object. A byte order mark before it is passed over.</summary>
    /// <exception cref="JsonException">It is not what it should be.</exception>
    internal static T? Deserialize<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type)
    {
        bytes = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        Check(bytes, allowTrailingCommas: false, allowDuplicateKeys: false);
        return JsonSerializer.Deserialize(bytes, type);
    }

    /// <summary>What is wrong, for documents that hold secrets: without a word of theirs.</summary>
    internal static string Describe(JsonException e) =>
        $"{(e is DuplicateKeyException ? "has a key twice" : "is not JSON")} (line {e.LineNumber + 1})";

    /// <summary>Passes over the value that the reader is at, as strictly.</summary>
    /// <param name="json">The reader, at the value's start; then at its end.</param>
    /// <param name="text">What the reader reads.</param>
    internal static void Pass(ref Utf8JsonReader json, ReadOnlySpan<byte> text)
    {
        if (json.TokenType == JsonTokenType.StartObject)
        {
            UniqueKeys keys = new(ref json, text);
            while (keys.Next(ref json))
            {
                json.Read();
                Pass(ref json, text);
            }
        }
        else if (json.TokenType == JsonTokenType.StartArray)
        {
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                Pass(ref json, text);
        }
        else
        {
            CheckText(ref json);
        }
    }

    // The framework notices bytes that are no UTF-8, and halves of surrogate pairs, only when a text is asked for, each time with another
    // kind of exception: names of properties too, wherever they are.
    private static void Check(ReadOnlySpan<byte> bytes, bool allowTrailingCommas, bool allowDuplicateKeys)
    {
        if (!Utf8.IsValid(bytes))
            throw new JsonException("it is not well-formed UTF-8", path: null, lineNumber: 0, bytePositionInLine: null);
        Utf8JsonReader json = new(bytes, new JsonReaderOptions { MaxDepth = MaxDepth, AllowTrailingCommas = allowTrailingCommas });
        try
        {
            json.Read();
            if (!allowDuplicateKeys)
                Pass(ref json, bytes);
            while (json.Read())
                CheckText(ref json);
        }
        catch (InvalidOperationException e)
        {
            long line = bytes[..(int)json.TokenStartIndex].Count((byte)'\n');
            throw new JsonException("it holds text that is not well-formed Unicode", path: null, line, bytePositionInLine: null, e);
        }
        catch (JsonException e) when (e is not DuplicateKeyException)
        {
            throw new JsonException($"it is not well-formed JSON (line {e.LineNumber + 1})", e.Path, e.LineNumber, e.BytePositionInLine, e);
        }
    }

    // Asking for a text notices halves of surrogate pairs; nothing else does.
    private static void CheckText(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && json.ValueIsEscaped)
            json.GetString();
    }
}
