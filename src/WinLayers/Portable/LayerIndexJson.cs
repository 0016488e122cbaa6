using System.Text.Json;
using WinLayers.Formats.Names;
using WinLayers.Formats.Text;
using WinLayers.Oci.Digests;

namespace WinLayers.Portable;

/// <summary>Steps through the one JSON object of an index line, and reads the values that occur in several kinds of line.</summary>
internal static class LayerIndexJson
{
    /// <summary>The key that numbers values of a kind, in their own lines and in those of entries.</summary>
    public static ReadOnlySpan<byte> KeyOf(IndexValueKind kind) => kind switch
    {
        IndexValueKind.Security => "sd"u8,
        IndexValueKind.ExtendedAttributes => "ea"u8,
        _ => "reparse"u8,
    };

    /// <summary>Enters the line's object.</summary>
    public static Utf8JsonReader Begin(ReadOnlySpan<byte> line, out UniqueKeys keys)
    {
        Utf8JsonReader json = new(line);
        json.Read();
        keys = Object(ref json, line);
        return json;
    }

    /// <summary>Steps through the object that the reader stands at.</summary>
    public static UniqueKeys Object(scoped ref Utf8JsonReader json, ReadOnlySpan<byte> line) =>
        json.TokenType == JsonTokenType.StartObject ? new UniqueKeys(ref json, line) : throw new FormatException("a line is no object");

    /// <summary>Whether the property has the name; moves to its value if so.</summary>
    public static bool Is(ref Utf8JsonReader json, ReadOnlySpan<byte> key, ReadOnlySpan<byte> name) =>
        key.SequenceEqual(name) && json.Read();

    /// <summary>Passes over a property's value.</summary>
    public static void Pass(ref Utf8JsonReader json, ReadOnlySpan<byte> line)
    {
        json.Read();
        StrictJson.Pass(ref json, line);
    }

    /// <summary>A size or a time, which are never negative.</summary>
    public static long ReadNumber(ref Utf8JsonReader json) =>
        json.GetInt64() is >= 0 and var number ? number : throw new FormatException("a size or a time is negative");

    /// <summary>A path, checked as one from a tar.</summary>
    public static LayerPath ReadPath(ref Utf8JsonReader json) =>
        LayerPath.FromValue(json.GetString() ?? throw new FormatException("a path is null"));

    /// <summary>A SHA-256 without the algorithm before it.</summary>
    public static Digest ReadHash(ref Utf8JsonReader json) => Digest.Parse("sha256:" + json.GetString());
}
