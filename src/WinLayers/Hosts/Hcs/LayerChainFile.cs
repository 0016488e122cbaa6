using System.Text.Json;
using System.Text.Json.Serialization;

namespace WinLayers.Hosts.Hcs;

/// <summary>The <c>layerchain.json</c> that Docker and containerd keep in a layer's folder: the parents' absolute paths, nearest first.</summary>
public static class LayerChainFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "layerchain.json";

    /// <summary>Writes the file into the layer's folder, replacing what is there.</summary>
    public static void Write(string layerFolder, IReadOnlyList<string> parents)
    {
        using FileStream file = File.Create(Path.Join(layerFolder, Name));
        JsonSerializer.Serialize(file, [.. parents.Select(Path.GetFullPath)], LayerChainJson.Default.StringArray);
    }

    /// <summary>Reads the parents of the layer in this folder; a folder without the file has none.</summary>
    /// <exception cref="HostCallException">The file is no list of paths.</exception>
    public static IReadOnlyList<string> Read(string layerFolder)
    {
        string path = Path.Join(layerFolder, Name);
        if (!File.Exists(path))
            return [];
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, LayerChainJson.Default.StringArray) ?? [];
        }
        catch (JsonException e)
        {
            throw new HostCallException(Name, unchecked((int)0x8007000D), layerFolder, innerException: e);
        }
    }
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class LayerChainJson : JsonSerializerContext;
