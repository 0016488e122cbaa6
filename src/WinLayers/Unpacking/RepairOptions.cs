using WinLayers.Formats;
using WinLayers.Oci.Sources;

namespace WinLayers.Unpacking;

/// <summary>How a store is repaired.</summary>
public sealed record RepairOptions
{
    /// <summary>The defaults: nothing is fetched.</summary>
    public static RepairOptions Default { get; } = new();

    /// <summary>What a layer may cost.</summary>
    public LayerLimits Limits { get; init; } = LayerLimits.Default;

    /// <summary>
    /// Opens an image by the reference that the store recorded for it, for blobs that are damaged or gone; null fetches nothing. What it
    /// opens is closed when the repair is over.
    /// </summary>
    public Func<string, CancellationToken, Task<IImageSource>>? OpenSource { get; init; }

    /// <summary>
    /// The name under which the store's index lists an image that was unpacked under a reference; null lists it without one.
    /// </summary>
    public Func<string, string?>? NameOf { get; init; }

    /// <summary>The reference that a name in the store's index stands for, to record it again; null where nobody knows.</summary>
    public Func<string, string?>? ReferenceOf { get; init; }
}
