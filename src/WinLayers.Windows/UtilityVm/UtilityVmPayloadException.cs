using WinLayers.Formats;
using WinLayers.Volumes;

namespace WinLayers.Windows.UtilityVm;

/// <summary>The layers cannot start a virtual machine: they hold no Utility VM, or not all of it.</summary>
public sealed class UtilityVmPayloadException : WinLayersException
{
    private UtilityVmPayloadException(string code, string message)
        : base(code, message)
    {
    }

    internal static UtilityVmPayloadException NotBootable(LayerChain chain) =>
        new("WCL6004", $"the image is not bootable with Hyper-V: none of the {chain.Count} layers has {UtilityVmBoot.BootManager}")
        {
            Remedy = "Take an image whose base has a Utility VM (nanoserver and servercore have one), or use process isolation.",
        };

    internal static UtilityVmPayloadException Incomplete(string missing) =>
        new("WCL6005", $"the Utility VM is incomplete: '{missing}' is missing")
        {
            Remedy = "Windows makes the template when it processes the layer's Utility VM: unpack the layer again on Windows.",
        };
}
