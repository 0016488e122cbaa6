using WinLayers.Volumes;
using WinLayers.Windows.Scratch;
using WinLayers.Windows.UtilityVm;

namespace WinLayers.Windows;

/// <summary>
/// What a container runtime asks of the host once an image is unpacked: scratch layers, machines' disks and access for machines.
/// <see cref="HcsLayerHost"/> is the real one; an interface, so that a runtime's own tests run on any system.
/// </summary>
public interface IRuntimeStorage
{
    /// <summary>Makes a scratch layer; for process isolation it is mounted. After a failure nothing is left of it.</summary>
    /// <param name="folder">The layer's folder: not there yet, or empty.</param>
    /// <param name="parents">The layers below.</param>
    /// <param name="options">How to make it.</param>
    /// <param name="cancellationToken">Stops between calls; what was done is undone.</param>
    Task<IScratchLayer> CreateScratchAsync(
        string folder, LayerChain parents, ScratchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>A scratch layer that stands already, mounted or not.</summary>
    /// <param name="folder">The layer's folder.</param>
    /// <param name="parents">The layers below; null takes them from the layer's <c>layerchain.json</c>.</param>
    /// <param name="method">How it was made; null takes it from the layer itself, which knows.</param>
    IScratchLayer OpenScratch(string folder, LayerChain? parents = null, ScratchMethod? method = null);

    /// <summary>What a virtual machine boots from.</summary>
    /// <param name="chain">The layers.</param>
    /// <exception cref="UtilityVmPayloadException">The chain cannot start a machine.</exception>
    UtilityVmBoot LocateUtilityVm(LayerChain chain);

    /// <summary>Makes the disk of one virtual machine from the chain's Utility VM, and grants the machine access to it.</summary>
    /// <param name="chain">The layers.</param>
    /// <param name="vmId">The machine's id, as HCS has it.</param>
    /// <param name="folder">Where the disk goes.</param>
    /// <param name="grantLayers">Grants access to the template and to every layer of the chain too.</param>
    /// <returns>The disk's path. After a failure there is no disk.</returns>
    /// <exception cref="UtilityVmPayloadException">The chain cannot start a machine.</exception>
    string CreateUtilityVmScratch(LayerChain chain, string vmId, string folder, bool grantLayers = false);

    /// <summary>Grants a virtual machine access to files or folders.</summary>
    /// <param name="vmId">The machine's id, as HCS has it.</param>
    /// <param name="paths">The files or folders.</param>
    void GrantVmAccess(string vmId, params IReadOnlyList<string> paths);
}
