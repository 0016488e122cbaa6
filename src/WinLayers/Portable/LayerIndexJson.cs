using System.Text.Json;
using WinLayers.Formats.Names;
using WinLayers.Oci.Digests;

namespace WinLayers.Portable;

/// <summary>Steps through the one JSON object of an index line, and reads the values that occur in several kinds of line.</summary>
internal static class LayerIndexJson
{
    /// <summary>Enters the line's object.</summary>
    public static Utf8JsonReader Begin(ReadOnlySpan<byte> line)
    {
        Utf8JsonReader json = new(line);
        json.Read();
        return json.TokenType == JsonTokenType.StartObject ? json : throw new FormatException("a line is no object");
    }

    /// <summary>Goes to the next property's name; false at the end of the object.</summary>
    public static bool NextProperty(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    /// <summary>Whether the property has the name; moves to its value if so.</summary>
    public static bool Is(ref Utf8JsonReader json, ReadOnlySpan<byte> name) => json.ValueTextEquals(name) && json.Read();

    /// <summary>Passes over a property's value.</summary>
    public static void Pass(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
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
