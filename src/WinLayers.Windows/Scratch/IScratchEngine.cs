using WinLayers.Volumes;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Scratch;

/// <summary>One step of mounting and what takes it back.</summary>
internal sealed record ScratchStep(Action Do, Action Undo)
{
    /// <summary>The failures after which the step is tried again.</summary>
    public Func<Exception, bool> Passes { get; init; } = HostRetry.IsHeld;
}

/// <summary>One way of making and mounting scratch layers.</summary>
internal interface IScratchEngine
{
    /// <summary>Makes the layer in its empty folder.</summary>
    void Create(string folder, LayerChain parents, long? sizeBytes);

    /// <summary>Makes its disk larger.</summary>
    void Expand(string folder, long sizeBytes);

    /// <summary>
    /// What mounts it, in order; the undoing in reverse order unmounts it. The last step attaches the file system's filter.
    /// </summary>
    IReadOnlyList<ScratchStep> MountSteps(string folder, LayerChain parents);

    /// <summary>The path of its volume; null where it is not mounted, empty where it is and has none.</summary>
    string? GetMountPath(string folder);

    /// <summary>Writes what the layer holds as a transport folder. Its disk is attached, the filter is not.</summary>
    void Export(string folder, string transportFolder, LayerChain parents);

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

    // Of a layer that has no volume Windows may tell its folder.
    public string? GetMountPath(string folder) =>
        calls.GetLayerMountPath(folder) is { } path && path.StartsWith(@"\\?\Volume{", StringComparison.OrdinalIgnoreCase) ? path : null;

    public void Export(string folder, string transportFolder, LayerChain parents) => calls.ExportLayer(folder, transportFolder, parents);

    public void Destroy(string folder) => calls.DestroyLayer(folder);
}
