using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WinLayers.Volumes;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows;

/// <summary>
/// The calls of vmcompute.dll that work on layers, one method each and nothing added: for runtimes that go their own way. Folders may be
/// relative; each call gets the form of path that it takes (docs/windows.md). Ids of parents are made of their folders' names. Safe for
/// several threads; layers are prepared one at a time in a process, since Windows runs into time-outs else.
/// </summary>
/// <remarks>
/// Every method throws <see cref="HostCallException"/> where Windows refuses, and <see cref="HostNotSupportedException"/> where this
/// Windows lacks the library or the function. Those that touch a layer's files need the privileges of <see cref="HostPrivileges"/>,
/// which these methods do not switch on.
/// </remarks>
/// <param name="logger">Told of each call, at debug level.</param>
[SupportedOSPlatform("windows")]
public sealed class LayerCalls(ILogger<LayerCalls>? logger = null) : ILayerCalls
{
    private readonly CallLog _log = new(logger ?? NullLogger<LayerCalls>.Instance);

    internal LayerCalls(ILogger logger)
        : this() => _log = new CallLog(logger);

    /// <summary>Makes a scratch layer's disk, formatted, in a folder that is there and empty.</summary>
    /// <param name="layer">The layer's folder.</param>
    /// <param name="parents">The layers below.</param>
    public void CreateSandboxLayer(string layer, LayerChain parents) =>
        _log.Run("CreateSandboxLayer", layer, () => VmCompute.CreateSandboxLayer(layer, parents));

    /// <summary>Makes the disk of a scratch layer that is not active larger; its volume grows when it is prepared.</summary>
    /// <param name="layer">The layer's folder.</param>
    /// <param name="bytes">The new size.</param>
    public void ExpandSandboxSize(string layer, ulong bytes) =>
        _log.Run("ExpandSandboxSize", layer, () => VmCompute.ExpandSandboxSize(layer, bytes));

    /// <summary>Attaches a scratch layer's disk; of a layer without a disk Windows takes it for done.</summary>
    /// <param name="layer">The layer's folder.</param>
    public void ActivateLayer(string layer) => _log.Run("ActivateLayer", layer, () => VmCompute.ActivateLayer(layer));

    /// <summary>Puts the layers below under an active scratch layer, so that its volume shows all of them.</summary>
    /// <param name="layer">The layer's folder.</param>
    /// <param name="parents">The layers below.</param>
    public void PrepareLayer(string layer, LayerChain parents) =>
        _log.Run("PrepareLayer", layer, () => VmCompute.PrepareLayer(layer, parents));

    /// <summary>The path of an active scratch layer's volume; null where there is none. Of another layer it may be its folder.</summary>
    /// <param name="layer">The layer's folder.</param>
    public string? GetLayerMountPath(string layer) => _log.Run("GetLayerMountPath", layer, () => VmCompute.GetLayerMountPath(layer));

    /// <summary>Takes back <see cref="PrepareLayer"/>.</summary>
    /// <param name="layer">The layer's folder.</param>
    public void UnprepareLayer(string layer) => _log.Run("UnprepareLayer", layer, () => VmCompute.UnprepareLayer(layer));

    /// <summary>Takes back <see cref="ActivateLayer"/>.</summary>
    /// <param name="layer">The layer's folder.</param>
    public void DeactivateLayer(string layer) => _log.Run("DeactivateLayer", layer, () => VmCompute.DeactivateLayer(layer));

    /// <summary>Removes a layer with its folder, whatever is in it.</summary>
    /// <param name="layer">The layer's folder.</param>
    public void DestroyLayer(string layer) => _log.Run("DestroyLayer", layer, () => VmCompute.DestroyLayer(layer));

    /// <summary>
    /// Makes a layer with parents of a transport folder. Links, removals and times of directories are the caller's, afterwards.
    /// </summary>
    /// <param name="layer">The layer's folder, empty but for its Utility VM.</param>
    /// <param name="transportFolder">The transport folder; not inside the layer's.</param>
    /// <param name="parents">The layers below.</param>
    public void ImportLayer(string layer, string transportFolder, LayerChain parents) =>
        _log.Run("ImportLayer", layer, () => VmCompute.ImportLayer(layer, transportFolder, parents));

    /// <summary>
    /// Writes a layer with parents as a transport folder. A scratch layer is active for it, was prepared before, and is not now.
    /// </summary>
    /// <param name="layer">The layer's folder.</param>
    /// <param name="transportFolder">An empty folder.</param>
    /// <param name="parents">The layers below.</param>
    public void ExportLayer(string layer, string transportFolder, LayerChain parents) =>
        _log.Run("ExportLayer", layer, () => VmCompute.ExportLayer(layer, transportFolder, parents));

    /// <summary>Makes a base layer of its extracted <c>Files</c>: hives, layout and the disks that scratch layers are made of.</summary>
    /// <param name="layer">The layer's folder.</param>
    public void ProcessBaseImage(string layer) => _log.Run("ProcessBaseImage", layer, () => VmCompute.ProcessBaseImage(layer));

    /// <summary>Makes a Utility VM of its extracted <c>Files</c>: boot configuration and the disk that machines get copies of.</summary>
    /// <param name="utilityVmFolder">The layer's <c>UtilityVM</c> folder.</param>
    public void ProcessUtilityImage(string utilityVmFolder) =>
        _log.Run("ProcessUtilityImage", utilityVmFolder, () => VmCompute.ProcessUtilityImage(utilityVmFolder));

    /// <summary>The id that Windows makes of a name; a layer's is that of its folder's name.</summary>
    /// <param name="name">The name, not a path.</param>
    public Guid NameToGuid(string name) => _log.Run("NameToGuid", name, () => VmCompute.NameToGuid(name));

    /// <summary>Lets a virtual machine use a file or folder.</summary>
    /// <param name="vmId">The machine's id, as HCS has it; a GUID in any of its spellings is the same id.</param>
    /// <param name="path">The file or folder.</param>
    public void GrantVmAccess(string vmId, string path) => _log.Run("GrantVmAccess", path, () => VmCompute.GrantVmAccess(vmId, path));
}
