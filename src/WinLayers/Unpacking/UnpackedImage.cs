using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Storage;
using WinLayers.Unpacking.Pipeline;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>An image whose layers are all in the store.</summary>
/// <param name="Name">The reference as a person would write it.</param>
/// <param name="ManifestDigest">The manifest of the image that was chosen.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Layers">
/// Its layers, child to parent: the immediate parent of a container's scratch layer first, the base layer last.
/// </param>
/// <param name="Elapsed">How long it took.</param>
public sealed record UnpackedImage(
    string Name, Digest ManifestDigest, Platform Platform, IReadOnlyList<UnpackedLayer> Layers, TimeSpan Elapsed)
{
    /// <summary>The layers' folders: what a scratch layer or a Utility VM is made over.</summary>
    public LayerChain Chain { get; } = [.. Layers.Select(layer => layer.Layer.Folder)];

    /// <summary>What of it was there and damaged, and was made good.</summary>
    public IReadOnlyList<RepairedItem> Repaired { get; init; } = [];

    /// <summary>What a person should know of the image though it can be used; null where nothing.</summary>
    public string? Warning { get; init; }
}

/// <summary>One layer of an unpacked image.</summary>
/// <param name="Layer">Where it is in the store.</param>
/// <param name="WasPresent">Whether the store had it.</param>
/// <param name="Entries">How many entries were written.</param>
/// <param name="Stages">Where the time went; empty where the store had the layer.</param>
public sealed record UnpackedLayer(StoredLayer Layer, bool WasPresent, long Entries, IReadOnlyList<StageTiming> Stages);
