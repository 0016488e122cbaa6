using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WinLayers.Oci.Documents;

/// <summary>
/// Opens writers for manifests, indexes and configurations: media types are spelled with their plus sign, as other tools write and grep
/// them.
/// </summary>
internal static class DocumentWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Utf8JsonWriter Open(IBufferWriter<byte> buffer) => new(buffer, Options);
}
