using WinLayers.Oci.Sources;

namespace WinLayers.Unpacking;

/// <summary>What is happening to a layer.</summary>
public enum LayerState
{
    /// <summary>It waits for its turn; its bytes may already be coming in.</summary>
    Waiting,

    /// <summary>Its entries are being written.</summary>
    Unpacking,

    /// <summary>It is in the store.</summary>
    Done,

    /// <summary>The store had it.</summary>
    Present,
}

/// <summary>How far one layer is.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="State">What is happening to it.</param>
/// <param name="FetchedBytes">Bytes of its blob that are in the store.</param>
/// <param name="ReadBytes">Bytes of its blob that are decompressed.</param>
/// <param name="Entries">Entries that are written.</param>
public readonly record struct LayerProgress(ResolvedLayer Layer, LayerState State, long FetchedBytes, long ReadBytes, long Entries);

/// <summary>How far unpacking an image is, some ten times a second and once at the end.</summary>
/// <param name="Layers">The layers, base first.</param>
public sealed record UnpackProgress(IReadOnlyList<LayerProgress> Layers);
