using WinLayers.Hosts;

namespace WinLayers.Storage;

/// <summary>What a check of the store found.</summary>
/// <param name="Verified">The layers that were checked.</param>
/// <param name="NotChecked">Layers of a host that keeps no digests.</param>
/// <param name="Problems">What differs; empty where all is well.</param>
/// <param name="Files">Files that were read.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record StoreVerification(
    IReadOnlyList<StoredLayer> Verified, IReadOnlyList<StoredLayer> NotChecked, IReadOnlyList<LayerProblem> Problems, long Files,
        long Bytes);
