using WinLayers.Volumes;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Scratch;

/// <summary>One step of mounting and what takes it back.</summary>
internal sealed record ScratchStep(Action Do, Action Undo);

/// <summary>One way of making and mounting scratch layers.</summary>
internal interface IScratchEngine
{
    /// <summary>Makes the layer in its empty folder.</summary>
    void Create(string folder, LayerChain parents, long? sizeBytes);

    /// <summary>Makes its disk larger.</summary>
    void Expand(string folder, long sizeBytes);

    /// <summary>What mounts it, in order; the undoing in reverse order unmounts it.</summary>
    IReadOnlyList<ScratchStep> MountSteps(string folder, LayerChain parents);

    /// <summary>The path of its volume; null where it is not mounted, empty where it is and has none.</summary>
    string? GetMountPath(string folder);

    /// <summary>Removes the layer; its folder, and what else is in it, may stay.</summary>
    void Destroy(string folder);
}

/// <summary>Scratch layers by the layer calls of vmcompute.dll.</summary>
internal sealed class SandboxEngine(ILayerCalls calls) : IScratchEngine
{
    public void Create(string folder, LayerChain parents, long? sizeBytes)
    {
        // It formats the disk as well: no call of its own for that.
        calls.CreateSandboxLayer(folder, parents);
        if (sizeBytes is { } bytes)
            calls.ExpandSandboxSize(folder, (ulong)bytes);
    }

    public void Expand(string folder, long sizeBytes) => calls.ExpandSandboxSize(folder, (ulong)sizeBytes);

    public IReadOnlyList<ScratchStep> MountSteps(string folder, LayerChain parents) =>
    [
        new(() => calls.ActivateLayer(folder), () => calls.DeactivateLayer(folder)),
        new(() => calls.PrepareLayer(folder, parents), () => calls.UnprepareLayer(folder)),
    ];

    public string? GetMountPath(string folder) => calls.GetLayerMountPath(folder);

    public void Destroy(string folder) => calls.DestroyLayer(folder);
}
