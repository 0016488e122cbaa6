using System.Text.Json;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Copying;

/// <summary>Rewrites manifests so that foreign layers become plain ones; everything else in them stays as it was written.</summary>
internal static class ForeignNormalizer
{
    /// <summary>The manifest with plain layers; the same one where it has no foreign ones.</summary>
    internal static ImageManifest Normalize(ImageManifest manifest) =>
        manifest.Layers.Any(static layer => MediaTypes.IsForeign(layer.MediaType))
            ? (ImageManifest)Rewrite(manifest.Raw, "layers", WriteLayer)
            : manifest;

    /// <summary>The index with entries whose manifests have changed pointing at the new ones.</summary>
    internal static ImageIndex Replace(ImageIndex index, IReadOnlyDictionary<Digest, Descriptor> changed) =>
        changed.Count == 0 || !index.Manifests.Any(entry => changed.ContainsKey(entry.Digest))
            ? index
            : (ImageIndex)Rewrite(index.Raw, "manifests", (writer, entry) => WriteEntry(writer, entry, changed));

    private static ImageDocument Rewrite(RawManifest raw, string list, Action<Utf8JsonWriter, JsonElement> write)
    {
        using JsonDocument json = new JsonDocumentReader(raw.Digest.ToString()).Open(raw.Bytes, ImageDocument.LimitBytes);
        JsonElement root = json.RootElement;
        byte[] bytes = DocumentWriter.WriteObject(writer => DocumentWriter.CopyProperties(writer, root, property =>
        {
            if (property.Name != list)
                return false;
            writer.WriteStartArray(list);
            foreach (JsonElement item in property.Value.EnumerateArray())
            {
                writer.WriteStartObject();
                write(writer, item);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            return true;
        }));
        return ImageDocument.Parse(new RawManifest(raw.MediaType, ContentHash.Of(bytes), bytes));
    }

    private static void WriteLayer(Utf8JsonWriter writer, JsonElement layer)
    {
        string mediaType = layer.GetProperty("mediaType").GetString()!;
        bool isForeign = MediaTypes.IsForeign(mediaType);
        DocumentWriter.CopyProperties(writer, layer, property =>
        {
            if (isForeign && property.Name == "mediaType")
                writer.WriteString("mediaType", MediaTypes.WithoutForeign(mediaType));
            return isForeign && property.Name is ("mediaType" or "urls");
        });
    }

    private static void WriteEntry(Utf8JsonWriter writer, JsonElement entry, IReadOnlyDictionary<Digest, Descriptor> changed)
    {
        Descriptor? now = changed.GetValueOrDefault(Digest.Parse(entry.GetProperty("digest").GetString()!));
        DocumentWriter.CopyProperties(writer, entry, property =>
        {
            if (now is not null && property.Name == "digest")
                writer.WriteString("digest", now.Digest.ToString());
            else if (now is not null && property.Name == "size")
                writer.WriteNumber("size", now.Size);
            else
                return false;
            return true;
        });
    }
}
