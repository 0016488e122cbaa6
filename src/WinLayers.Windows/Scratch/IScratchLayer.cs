using WinLayers.Volumes;

namespace WinLayers.Windows.Scratch;

/// <summary>
/// A writable layer over a chain; <see cref="ScratchLayer"/> is the real one. Disposing one that was made removes it, unless it is kept.
/// </summary>
public interface IScratchLayer : IAsyncDisposable
{
    /// <summary>The layer's folder.</summary>
    string Folder { get; }

    /// <summary>The layers below.</summary>
    LayerChain Parents { get; }

    /// <summary>The path of the mounted volume, with the backslash at its end; null where it is not mounted.</summary>
    string? MountPath { get; }

    /// <summary>Mounts the layer; one that is mounted already stays as it is.</summary>
    /// <returns>The path of its volume.</returns>
    Task<string> MountAsync(CancellationToken cancellationToken = default);

    /// <summary>Unmounts the layer; what was written to it stays.</summary>
    Task UnmountAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes the layer's disk larger; it must not be mounted.</summary>
    void Expand(long sizeBytes);

    /// <summary>Unmounts the layer, if it is mounted, and removes it with its folder.</summary>
    Task RemoveAsync(CancellationToken cancellationToken = default);

    /// <summary>Leaves the layer as it is when this object is disposed.</summary>
    void Keep();
}
