namespace WinLayers.Hosts;

/// <summary>What a host found when it compared a layer's folder with what it keeps of it.</summary>
/// <param name="Problems">What differs; empty where all is well.</param>
/// <param name="Files">Files that were read.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record LayerVerification(IReadOnlyCollection<LayerProblem> Problems, long Files, long Bytes)
{
    /// <summary>The answer of a host that keeps no digests of its layers' files: nothing was compared.</summary>
    public static LayerVerification NoDigests { get; } = new([], 0, 0) { IsCompared = false };

    /// <summary>Whether the folder was compared; false where the host has nothing to compare it with.</summary>
    public bool IsCompared { get; private init; } = true;
}
