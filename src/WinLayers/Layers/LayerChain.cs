using System.Text.Json;
using System.Text.Json.Serialization;

namespace WinLayers.Layers;

/// <summary>A layer of a chain, as the host knows it.</summary>
/// <param name="Id">The host's id of the layer.</param>
/// <param name="Path">The layer's folder, absolute.</param>
public sealed record ChainLayer(Guid Id, string Path);

/// <summary>Layers from a child's nearest parent down to the base.</summary>
/// <param name="Layers">The layers, nearest first.</param>
public sealed record LayerChain(IReadOnlyList<ChainLayer> Layers)
{
    /// <summary>The file in a layer's folder that names the folders of its parents; Docker and containerd know it by this name.</summary>
    public const string FileName = "layerchain.json";

    /// <summary>The chain as the LayerData document that the Host Compute Service takes.</summary>
    public string ToLayerData() => JsonSerializer.Serialize(
        new LayerDataDocument(
            new SchemaVersion(Major: 2, Minor: 1),
            Layers.Count == 0 ? null : [.. Layers.Select(layer => new LayerDataLayer(layer.Id.ToString("D"), layer.Path))]),
        ChainContext.Default.LayerDataDocument);

    /// <summary>Writes the parents' folders, nearest first, into a layer's folder. They are on the disk when it returns.</summary>
    public static void WriteFile(string layerFolder, IReadOnlyList<string> parentFolders)
    {
        using FileStream file = new(Path.Combine(layerFolder, FileName), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(parentFolders, ChainContext.Default.IReadOnlyListString));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads the folders of a layer's parents, nearest first; null where the layer's folder does not tell them.</summary>
    /// <exception cref="LayerRefusedException">The file is not a list of absolute paths.</exception>
    public static IReadOnlyList<string>? ReadFile(string layerFolder)
    {
        string file = Path.Combine(layerFolder, FileName);
        if (!File.Exists(file))
            return null;
        try
        {
            // Docker writes null for a base layer.
            IReadOnlyList<string> parents = StrictJson.Deserialize(File.ReadAllBytes(file), ChainContext.Default.IReadOnlyListString) ?? [];
            return parents.All(parent => parent is not null && !parent.Contains('\0', StringComparison.Ordinal) && Path.IsPathFullyQualified(parent))
                ? parents
                : throw new LayerRefusedException(LayerRules.Chain, $"'{file}' holds something that is no absolute path");
        }
        catch (JsonException e)
        {
            throw new LayerRefusedException(LayerRules.Chain, $"'{file}' cannot be read: {e.Message}", e);
        }
    }
}

internal sealed record SchemaVersion(int Major, int Minor);

internal sealed record LayerDataLayer(string Id, string Path);

internal sealed record LayerDataDocument(
    SchemaVersion SchemaVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<LayerDataLayer>? Layers);

[JsonSerializable(typeof(LayerDataDocument))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class ChainContext : JsonSerializerContext;
