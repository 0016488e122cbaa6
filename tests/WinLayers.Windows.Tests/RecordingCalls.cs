using WinLayers.Volumes;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Tests;

/// <summary>Records the calls, and fails those that a test asks for, so and so many times.</summary>
internal sealed class RecordingCalls : ILayerCalls
{
    private readonly Dictionary<string, (int Code, int Times)> _failures = [];
    private bool _isPrepared;

    public List<string> Calls { get; } = [];

    /// <summary>What Windows tells as the path of a layer that is not mounted.</summary>
    public string? UnmountedPath { get; set; }

    public List<string> Details { get; } = [];

    public void Fail(string call, uint code, int times = int.MaxValue) => _failures[call] = (unchecked((int)code), times);

    public void CreateSandboxLayer(string layer, LayerChain parents)
    {
        Record("CreateSandboxLayer", string.Join(',', parents));
        File.WriteAllText(Path.Join(layer, "sandbox.vhdx"), "disk");
    }

    public void ExpandSandboxSize(string layer, ulong bytes) => Record("ExpandSandboxSize", $"{bytes}");

    public void ActivateLayer(string layer) => Record("ActivateLayer", layer);

    public void PrepareLayer(string layer, LayerChain parents)
    {
        Record("PrepareLayer", string.Join(',', parents));
        _isPrepared = true;
    }

    public string? GetLayerMountPath(string layer)
    {
        Record("GetLayerMountPath", layer);
        return _isPrepared ? @"\\?\Volume{1}\" : UnmountedPath;
    }

    public void UnprepareLayer(string layer)
    {
        Record("UnprepareLayer", layer);
        _isPrepared = false;
    }

    public void DeactivateLayer(string layer) => Record("DeactivateLayer", layer);

    public void DestroyLayer(string layer) => Record("DestroyLayer", layer);

    public void ExportLayer(string layer, string transportFolder, LayerChain parents) => Record("ExportLayer", transportFolder);

    public void GrantVmAccess(string vmId, string path) => Record("GrantVmAccess", path);

    private void Record(string call, string detail)
    {
        Calls.Add(call);
        Details.Add($"{call} {detail}");
        if (!_failures.TryGetValue(call, out (int Code, int Times) failure) || failure.Times == 0)
            return;
        _failures[call] = failure with { Times = failure.Times - 1 };
        throw new HostCallException(call, failure.Code, detail);
    }
}
