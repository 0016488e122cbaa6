using System.Text.Json;
using WinLayers.Oci.Digests;

namespace WinLayers.Oci.Documents;

/// <summary>
/// An image's configuration: its platform, the digests of its layers' tars, how it was made and what it runs. Data, never instructions to
/// a host.
/// </summary>
public sealed class ImageConfig
{
    /// <summary>Bytes of a configuration at most.</summary>
    public const int LimitBytes = 8 << 20;

    private ImageConfig()
    {
    }

    /// <summary>The platform.</summary>
    public required Platform Platform { get; init; }

    /// <summary>The digest of each layer's uncompressed tar, base first.</summary>
    public required IReadOnlyList<Digest> DiffIds { get; init; }

    /// <summary>When the image was made, as written.</summary>
    public string? Created { get; init; }

    /// <summary>How the layers came to be, base first; entries without a layer included.</summary>
    public required IReadOnlyList<HistoryEntry> History { get; init; }

    /// <summary>What the image runs, before <see cref="Command"/>.</summary>
    public required IReadOnlyList<string> Entrypoint { get; init; }

    /// <summary>What the image runs, or the arguments of <see cref="Entrypoint"/>.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Environment variables, <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>The user, such as <c>ContainerUser</c>.</summary>
    public string? User { get; init; }

    /// <summary>The working directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Reads a configuration.</summary>
    /// <param name="json">The document.</param>
    /// <param name="document">What to call it in errors: its digest.</param>
    /// <exception cref="ManifestException">It is malformed or too large.</exception>
    public static ImageConfig Parse(ReadOnlyMemory<byte> json, string document)
    {
        JsonDocumentReader reader = new(document);
        using JsonDocument parsed = reader.Open(json, LimitBytes);
        JsonElement root = parsed.RootElement;
        reader.RefuseLookalikes(root, "rootfs", "os", "architecture", "os.version");
        JsonElement rootfs = reader.Required(root, "rootfs", JsonValueKind.Object);
        reader.RefuseLookalikes(rootfs, "diff_ids", "type");
        if (reader.OptionalText(rootfs, "type") is { } type && !string.Equals(type, "layers", StringComparison.Ordinal))
            throw reader.Malformed($"its rootfs is of the type '{type}', not 'layers'");
        JsonElement? run = reader.Optional(root, "config", JsonValueKind.Object);
        return new ImageConfig
        {
            Platform = reader.ReadPlatform(root),
            DiffIds = [.. reader.Texts(rootfs, "diff_ids").Select(text => reader.ParseDigest(text, "diff_ids"))],
            Created = reader.OptionalText(root, "created"),
            History = ReadHistory(reader, root),
            Entrypoint = run is { } entry ? reader.Texts(entry, "Entrypoint") : [],
            Command = run is { } command ? reader.Texts(command, "Cmd") : [],
            Environment = run is { } environment ? reader.Texts(environment, "Env") : [],
            User = run is { } user ? reader.OptionalText(user, "User") : null,
            WorkingDirectory = run is { } folder ? reader.OptionalText(folder, "WorkingDir") : null,
            Labels = run is { } labels ? reader.TextMap(labels, "Labels") : new Dictionary<string, string>(StringComparer.Ordinal),
        };
    }

    private static List<HistoryEntry> ReadHistory(JsonDocumentReader reader, JsonElement root)
    {
        List<HistoryEntry> history = [];
        if (reader.Optional(root, "history", JsonValueKind.Array) is not { } list)
            return history;
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw reader.Malformed("'history' holds something else than objects");
            history.Add(new HistoryEntry(
                reader.OptionalText(item, "created"),
                reader.OptionalText(item, "created_by"),
                reader.OptionalText(item, "comment"),
                item.TryGetProperty("empty_layer", out JsonElement empty) && empty.ValueKind == JsonValueKind.True));
        }

        return history;
    }
}

/// <summary>One step in the making of an image.</summary>
/// <param name="Created">When, as written.</param>
/// <param name="CreatedBy">The command.</param>
/// <param name="Comment">A remark.</param>
/// <param name="IsEmptyLayer">Whether the step made no layer.</param>
public sealed record HistoryEntry(string? Created, string? CreatedBy, string? Comment, bool IsEmptyLayer);
