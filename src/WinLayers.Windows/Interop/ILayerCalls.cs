using WinLayers.Volumes;

namespace WinLayers.Windows.Interop;

/// <summary>The calls that make and mount scratch layers, so that their order and their undoing can be tested on any system.</summary>
internal interface ILayerCalls
{
    void CreateSandboxLayer(string layer, LayerChain parents);

    void ExpandSandboxSize(string layer, ulong bytes);

    void ActivateLayer(string layer);

    void PrepareLayer(string layer, LayerChain parents);

    string? GetLayerMountPath(string layer);

    void UnprepareLayer(string layer);

    void DeactivateLayer(string layer);

    void DestroyLayer(string layer);

    void ExportLayer(string layer, string transportFolder, LayerChain parents);

    void GrantVmAccess(string vmId, string path);
}
