using System.Text.Json;

namespace WinLayers.Oci.Documents;

/// <summary>Writes descriptors and platforms as the OCI image specification has them, always in the same order.</summary>
internal static class DescriptorJson
{
    internal static void Write(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType", descriptor.MediaType);
        writer.WriteString("digest", descriptor.Digest.ToString());
        writer.WriteNumber("size", descriptor.Size);
        if (descriptor.Urls.Count > 0)
            DocumentWriter.WriteTexts(writer, "urls", descriptor.Urls);
        if (descriptor.Annotations.Count > 0)
        {
            writer.WriteStartObject("annotations");
            foreach ((string key, string value) in descriptor.Annotations.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }

        if (descriptor.Platform is { } platform)
        {
            writer.WriteStartObject("platform");
            WritePlatform(writer, platform);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes a platform's properties into the object that is open.</summary>
    internal static void WritePlatform(Utf8JsonWriter writer, Platform platform)
    {
        writer.WriteString("architecture", platform.Architecture);
        writer.WriteString("os", platform.Os);
        if (platform.OsVersion is { } version)
            writer.WriteString("os.version", version);
        if (platform.OsFeatures.Count > 0)
            DocumentWriter.WriteTexts(writer, "os.features", platform.OsFeatures);
        if (platform.Variant is { } variant)
            writer.WriteString("variant", variant);
    }
}
