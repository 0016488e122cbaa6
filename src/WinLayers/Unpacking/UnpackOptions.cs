using WinLayers.Formats;

namespace WinLayers.Unpacking;

/// <summary>How an image is unpacked.</summary>
public sealed record UnpackOptions
{
    /// <summary>The defaults.</summary>
    public static UnpackOptions Default { get; } = new();

    /// <summary>What a layer may cost.</summary>
    public LayerLimits Limits { get; init; } = LayerLimits.Default;

    /// <summary>How many blobs are fetched at once.</summary>
    public int BlobsAtOnce { get; init; } = 4;
}
