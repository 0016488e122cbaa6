using System.Text.Json;

namespace WinLayers.Oci.Documents;

/// <summary>A manifest or an index, read from its bytes.</summary>
public abstract class ImageDocument
{
    /// <summary>Bytes of a manifest or index at most.</summary>
    public const int LimitBytes = 4 << 20;

    private protected ImageDocument(RawManifest raw, string mediaType, IReadOnlyDictionary<string, string> annotations)
    {
        Raw = raw;
        MediaType = mediaType;
        Annotations = annotations;
    }

    /// <summary>The document as it came.</summary>
    public RawManifest Raw { get; }

    /// <summary>The media type, which the document's shape bears out.</summary>
    public string MediaType { get; }

    /// <summary>Annotations, as written.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>A descriptor of this document.</summary>
    public Descriptor Descriptor => new() { MediaType = MediaType, Digest = Raw.Digest, Size = Raw.Bytes.Length };

    /// <summary>Reads an <see cref="ImageManifest"/> or <see cref="ImageIndex"/>, whichever media type and shape agree on.</summary>
    /// <exception cref="ManifestException">It is malformed, of another type, or its type and shape disagree.</exception>
    public static ImageDocument Parse(RawManifest raw)
    {
        JsonDocumentReader reader = new(raw.Digest.ToString());
        using JsonDocument json = reader.Open(raw.Bytes, LimitBytes);
        JsonElement root = json.RootElement;
        reader.RefuseLookalikes(root, "schemaVersion", "mediaType", "manifests", "layers", "config");
        string mediaType = TypeOf(raw, root, reader);

        // One document, two readings: what one tool scans as an index another would run as an image.
        bool hasLayers = root.TryGetProperty("layers", out _), hasConfig = root.TryGetProperty("config", out _);
        bool hasManifests = root.TryGetProperty("manifests", out _);
        if (hasManifests && (hasLayers || hasConfig))
            throw reader.Malformed("it has both 'manifests' and 'layers' or 'config'");
        if (MediaTypes.IsIndex(mediaType) != hasManifests)
            throw reader.Malformed($"its type is {mediaType}, but it has {(hasManifests ? "'manifests'" : "no 'manifests'")}");
        if (!reader.Required(root, "schemaVersion", JsonValueKind.Number).TryGetInt32(out int version) || version != 2)
            throw reader.Malformed("its schema version is not 2");

        IReadOnlyDictionary<string, string> annotations = reader.TextMap(root, "annotations");
        return hasManifests
            ? new ImageIndex(raw, mediaType, annotations, Descriptors(reader, root, "manifests"))
            : new ImageManifest(
                raw, mediaType, annotations,
                reader.ReadDescriptor(reader.Required(root, "config", JsonValueKind.Object)),
                Descriptors(reader, root, "layers"));
    }

    /// <summary>The media type of a document that came without one: what it calls itself, else what its shape says.</summary>
    /// <exception cref="ManifestException">It is not well-formed.</exception>
    internal static string TypeOf(ReadOnlyMemory<byte> bytes, string document)
    {
        JsonDocumentReader reader = new(document);
        using JsonDocument json = reader.Open(bytes, LimitBytes);
        return reader.OptionalText(json.RootElement, "mediaType")
            ?? (json.RootElement.TryGetProperty("manifests", out _) ? MediaTypes.OciIndex : MediaTypes.OciManifest);
    }

    private static string TypeOf(RawManifest raw, JsonElement root, JsonDocumentReader reader)
    {
        string given = raw.MediaType;
        string? declared = reader.OptionalText(root, "mediaType");
        bool isKnown = MediaTypes.IsIndex(given) || MediaTypes.IsManifest(given);

        // Servers of plain files know no media types; there the document's own word counts. A wrong word never does.
        bool saysNothing = given is "" or "application/json" or "application/octet-stream" or "text/plain";
        if (saysNothing && declared is not null)
            return MediaTypes.IsIndex(declared) || MediaTypes.IsManifest(declared) ? declared : throw Unknown(raw, declared);
        if (!isKnown)
            throw Unknown(raw, given);
        if (declared is not null && !string.Equals(declared, given, StringComparison.OrdinalIgnoreCase))
            throw new ManifestException(ManifestFailure.WrongType, raw.Digest.ToString(),
                $"it came as {given} but calls itself '{declared}'");
        return given;
    }

    private static ManifestException Unknown(RawManifest raw, string type)
    {
        bool isOld = type.StartsWith("application/vnd.docker.distribution.manifest.v1+", StringComparison.OrdinalIgnoreCase);
        return new(
            ManifestFailure.WrongType, raw.Digest.ToString(),
            isOld ? "it is a Docker schema 1 manifest, which names no digests of layers' tars"
                : $"its type '{type}' is no image manifest or index")
        {
            Remedy = isOld ? "Push the image again with a current tool." : null,
        };
    }

    private static List<Descriptor> Descriptors(JsonDocumentReader reader, JsonElement root, string key)
    {
        JsonElement list = reader.Required(root, key, JsonValueKind.Array);
        List<Descriptor> descriptors = new(list.GetArrayLength());
        foreach (JsonElement item in list.EnumerateArray())
            descriptors.Add(reader.ReadDescriptor(item));
        return descriptors;
    }
}

/// <summary>The manifest of one image: its configuration and layers.</summary>
public sealed class ImageManifest : ImageDocument
{
    internal ImageManifest(
        RawManifest raw, string mediaType, IReadOnlyDictionary<string, string> annotations, Descriptor config,
            IReadOnlyList<Descriptor> layers)
        : base(raw, mediaType, annotations)
    {
        Config = config;
        Layers = layers;
    }

    /// <summary>The configuration.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }
}

/// <summary>A list of manifests, one for each platform.</summary>
public sealed class ImageIndex : ImageDocument
{
    internal ImageIndex(RawManifest raw, string mediaType, IReadOnlyDictionary<string, string> annotations,
        IReadOnlyList<Descriptor> manifests)
        : base(raw, mediaType, annotations) => Manifests = manifests;

    /// <summary>The entries, in the document's order.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }
}
