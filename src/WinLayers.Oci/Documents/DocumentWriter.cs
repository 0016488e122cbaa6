using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WinLayers.Oci.Documents;

/// <summary>
/// Writes manifests, indexes and configurations: media types are spelled with their plus sign, as other tools write and grep
/// them.
/// </summary>
internal static class DocumentWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A document of whatever is written, which has to be one value.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Options))
            write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A document that is an object with these properties.</summary>
    public static byte[] WriteObject(Action<Utf8JsonWriter> writeProperties) => Write(writer =>
    {
        writer.WriteStartObject();
        writeProperties(writer);
        writer.WriteEndObject();
    });

    /// <summary>An image's manifest.</summary>
    public static byte[] WriteManifest(Descriptor config, IEnumerable<Descriptor> layers) => WriteObject(writer =>
    {
        WriteHead(writer, MediaTypes.OciManifest);
        writer.WritePropertyName("config");
        DescriptorJson.Write(writer, config);
        writer.WriteStartArray("layers");
        foreach (Descriptor layer in layers)
            DescriptorJson.Write(writer, layer);
        writer.WriteEndArray();
    });

    /// <summary>What manifests and indexes begin with.</summary>
    public static void WriteHead(Utf8JsonWriter writer, string mediaType)
    {
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", mediaType);
    }

    /// <summary>A list of texts.</summary>
    public static void WriteTexts(Utf8JsonWriter writer, string key, IEnumerable<string> texts)
    {
        writer.WriteStartArray(key);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    /// <summary>The properties of somebody's object as they wrote them, in their order.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="element">The object.</param>
    /// <param name="isReplaced">Tells which property is left out, after writing what comes in its place.</param>
    public static void CopyProperties(Utf8JsonWriter writer, JsonElement element, Func<JsonProperty, bool> isReplaced)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!isReplaced(property))
                property.WriteTo(writer);
        }
    }
}
