using WinLayers.Formats;

namespace WinLayers.Volumes;

/// <summary>Rules about what a layer's folder says of its parents.</summary>
public static class ChainRules
{
    /// <summary>A layer's folder names its parents by absolute paths.</summary>
    public static LayerRule Document { get; } = new("WCL2347", "chain-document", RuleSeverity.Error, "layerchain.json is a JSON list of absolute paths", "Unpack the layer again.");
}
