using System.Runtime.Versioning;
using WinLayers.Volumes;

namespace WinLayers.Windows.Interop;

/// <summary>The calls as vmcompute.dll does them.</summary>
[SupportedOSPlatform("windows")]
internal sealed class VmComputeCalls : ILayerCalls
{
    internal static VmComputeCalls Instance { get; } = new();

    public void CreateSandboxLayer(string layer, LayerChain parents) => VmCompute.CreateSandboxLayer(layer, parents);

    public void ExpandSandboxSize(string layer, ulong bytes) => VmCompute.ExpandSandboxSize(layer, bytes);

    public void ActivateLayer(string layer) => VmCompute.ActivateLayer(layer);

    public void PrepareLayer(string layer, LayerChain parents) => VmCompute.PrepareLayer(layer, parents);

    public string? GetLayerMountPath(string layer) => VmCompute.GetLayerMountPath(layer);

    public void UnprepareLayer(string layer) => VmCompute.UnprepareLayer(layer);

    public void DeactivateLayer(string layer) => VmCompute.DeactivateLayer(layer);

    public void DestroyLayer(string layer) => VmCompute.DestroyLayer(layer);

    public void ExportLayer(string layer, string folder, LayerChain parents) => VmCompute.ExportLayer(layer, folder, parents);

    public void GrantVmAccess(Guid vmId, string file) => VmCompute.GrantVmAccess(vmId, file);
}
