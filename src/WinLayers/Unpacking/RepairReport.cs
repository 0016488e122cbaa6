using WinLayers.Formats;
using WinLayers.Storage;

namespace WinLayers.Unpacking;

/// <summary>What kind of thing was repaired.</summary>
public enum RepairedKind
{
    /// <summary>The list of the store's images.</summary>
    Index,

    /// <summary>The record of an unpacked image.</summary>
    ImageRecord,

    /// <summary>A blob, fetched again.</summary>
    Blob,

    /// <summary>A layer, made again from its blob.</summary>
    Layer,

    /// <summary>A layer's record.</summary>
    LayerRecord,

    /// <summary>A layer's links into those below.</summary>
    Links,

    /// <summary>A layer's list of those below.</summary>
    Chain,

    /// <summary>What an image's name led to, which is forgotten.</summary>
    Name,
}

/// <summary>Something that was not as it should be.</summary>
/// <param name="Where">A blob's digest, or a file or folder in the store.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Failure">Why it is as it was; null where it is as it should be now.</param>
public sealed record RepairedItem(string Where, RepairedKind Kind, WinLayersException? Failure);

/// <summary>The outcome of a repair.</summary>
/// <param name="Images">How many unpacked images were looked at.</param>
/// <param name="Layers">How many layers were looked at.</param>
/// <param name="Items">What was not as it should be, in the order of the work; empty where all was well.</param>
/// <param name="NotChecked">Layers of a host that keeps no digests of files; they were left as they are.</param>
public sealed record RepairReport(
    int Images, int Layers, IReadOnlyList<RepairedItem> Items, IReadOnlyList<StoredLayer> NotChecked);
