using WinLayers.Oci.Sources;

namespace WinLayers.Cli.Terminal;

/// <summary>What a row calls a layer: its number as <c>--layer</c> takes it and tables have it, the base 0, and its blob.</summary>
internal static class LayerLabel
{
    public static string Of(ResolvedLayer layer) => $"layer {layer.Position} {ShortDigest.Of(layer.Descriptor.Digest)}";
}
