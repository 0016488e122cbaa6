using System.Text.Json;
using WinLayers.Formats.Text;
using WinLayers.Oci.Digests;

namespace WinLayers.Oci.Documents;

/// <summary>
/// Reads hostile documents: bounded in size, as <see cref="StrictJson"/> asks, and without a key that another tool's parser, deaf to
/// letter case, would take for one of ours.
/// </summary>
internal sealed class JsonDocumentReader(string document)
{
    internal JsonDocument Open(ReadOnlyMemory<byte> bytes, int limitBytes, JsonValueKind root = JsonValueKind.Object)
    {
        if (bytes.Length > limitBytes)
            throw new ManifestException(ManifestFailure.TooLarge, document, $"it has {bytes.Length} bytes, {limitBytes} are allowed");
        JsonDocument json;
        try
        {
            json = StrictJson.Parse(bytes);
        }
        catch (JsonException e)
        {
            throw new ManifestException(ManifestFailure.Malformed, document, e.Message, e);
        }

        if (json.RootElement.ValueKind == root)
            return json;
        json.Dispose();
        throw Malformed($"it is not {Describe(root)}");
    }

    internal ManifestException Malformed(string problem) => new(ManifestFailure.Malformed, document, problem);

    /// <summary>Refuses keys that differ from one of these by letter case alone.</summary>
    internal void RefuseLookalikes(JsonElement element, params ReadOnlySpan<string> keys)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            foreach (string key in keys)
            {
                if (string.Equals(property.Name, key, StringComparison.OrdinalIgnoreCase)
                    && !string.Equals(property.Name, key, StringComparison.Ordinal))
                    throw Malformed($"it has '{property.Name}', which some tools read as '{key}'");
            }
        }
    }

    internal JsonElement? Optional(JsonElement element, string key, JsonValueKind kind)
    {
        if (!element.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == kind ? value : throw Malformed($"'{key}' is not {Describe(kind)}");
    }

    internal JsonElement Required(JsonElement element, string key, JsonValueKind kind) =>
        Optional(element, key, kind) ?? throw Malformed($"'{key}' is missing");

    internal string? OptionalText(JsonElement element, string key) =>
        Optional(element, key, JsonValueKind.String)?.GetString();

    internal string RequiredText(JsonElement element, string key) => Required(element, key, JsonValueKind.String).GetString()!;

    internal IReadOnlyList<string> Texts(JsonElement element, string key)
    {
        if (Optional(element, key, JsonValueKind.Array) is not { } array)
            return [];
        List<string> texts = new(array.GetArrayLength());
        foreach (JsonElement item in array.EnumerateArray())
            texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()!
                : throw Malformed($"'{key}' holds something else than text"));
        return texts;
    }

    internal IReadOnlyDictionary<string, string> TextMap(JsonElement element, string key)
    {
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        if (Optional(element, key, JsonValueKind.Object) is not { } values)
            return map;
        foreach (JsonProperty property in values.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw Malformed($"'{key}' holds something else than text");
            map.Add(property.Name, property.Value.GetString()!);
        }

        return map;
    }

    internal Digest ParseDigest(string text, string key) =>
        Digest.TryParse(text, out Digest digest) ? digest : throw Malformed($"'{key}' is no sha256 or sha512 digest");

    internal Descriptor ReadDescriptor(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Malformed("a descriptor is not an object");
        RefuseLookalikes(element, "mediaType", "digest", "size", "urls");
        JsonElement size = Required(element, "size", JsonValueKind.Number);
        if (!size.TryGetInt64(out long bytes) || bytes < 0)
            throw Malformed("'size' is no count of bytes");
        return new Descriptor
        {
            MediaType = RequiredText(element, "mediaType"),
            Digest = ParseDigest(RequiredText(element, "digest"), "digest"),
            Size = bytes,
            Urls = Texts(element, "urls"),
            Platform = Optional(element, "platform", JsonValueKind.Object) is { } platform ? ReadPlatform(platform) : null,
            Annotations = TextMap(element, "annotations"),
        };
    }

    internal Platform ReadPlatform(JsonElement element) => new()
    {
        Os = OptionalText(element, "os") ?? "",
        Architecture = OptionalText(element, "architecture") ?? "",
        OsVersion = OptionalText(element, "os.version") is { Length: > 0 } version ? version : null,
        OsFeatures = Texts(element, "os.features"),
        Variant = OptionalText(element, "variant") is { Length: > 0 } variant ? variant : null,
    };

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Number => "a number",
        _ => kind.ToString(),
    };
}
