using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Serialization;
using WinLayers.Volumes;

namespace WinLayers.Windows.Interop;

/// <summary>The LayerData document by which computestorage takes a chain.</summary>
internal static class LayerData
{
    [SupportedOSPlatform("windows")]
    internal static string Of(LayerChain chain) => Of(chain, folder => VmCompute.NameToGuid(HostPath.LastPart(folder)));

    /// <summary>The same with ids that are known otherwise.</summary>
    /// <param name="chain">The layers.</param>
    /// <param name="idOf">The host's id of a layer, by its folder.</param>
    internal static string Of(LayerChain chain, Func<string, Guid> idOf) => JsonSerializer.Serialize(
        new LayerDataDocument(
            new SchemaVersion(Major: 2, Minor: 1),
            chain.Count == 0 ? null
                : [.. chain.Select(folder => new LayerDataLayer(idOf(folder).ToString("D"), HostPath.ToPlain(folder)))]),
        LayerDataContext.Default.LayerDataDocument);
}

internal sealed record SchemaVersion(int Major, int Minor);

internal sealed record LayerDataLayer(string Id, string Path);

internal sealed record LayerDataDocument(
    SchemaVersion SchemaVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<LayerDataLayer>? Layers);

[JsonSerializable(typeof(LayerDataDocument))]
internal sealed partial class LayerDataContext : JsonSerializerContext;
