using System.Diagnostics;
using WinLayers.Formats;
using WinLayers.Volumes;

namespace WinLayers.Windows.UtilityVm;

/// <summary>What a Utility VM lacks.</summary>
public enum UtilityVmPayloadFailure
{
    /// <summary>No layer has a Utility VM to boot.</summary>
    NotBootable,

    /// <summary>The Utility VM lacks a file.</summary>
    Incomplete,
}

/// <summary>The layers cannot start a virtual machine: they hold no Utility VM, or not all of it.</summary>
public sealed class UtilityVmPayloadException : WinLayersException
{
    private UtilityVmPayloadException(UtilityVmPayloadFailure reason, string message)
        : base(CodeOf(reason), message) => Reason = reason;

    /// <summary>What the Utility VM lacks.</summary>
    public UtilityVmPayloadFailure Reason { get; }

    internal static string CodeOf(UtilityVmPayloadFailure reason) => reason switch
    {
        UtilityVmPayloadFailure.NotBootable => "WCL6004",
        UtilityVmPayloadFailure.Incomplete => "WCL6005",
        _ => throw new UnreachableException(),
    };

    internal static UtilityVmPayloadException NotBootable(LayerChain chain) =>
        new(UtilityVmPayloadFailure.NotBootable,
            $"the image is not bootable with Hyper-V: none of the {chain.Count} layers has {UtilityVmBoot.BootManager}")
        {
            Remedy = "Take an image whose base has a Utility VM (nanoserver and servercore have one), or use process isolation.",
        };

    internal static UtilityVmPayloadException Incomplete(string missing) =>
        new(UtilityVmPayloadFailure.Incomplete, $"the Utility VM is incomplete: '{missing}' is missing")
        {
            Remedy = "Windows makes the template when it processes the layer's Utility VM: unpack the layer again on Windows.",
        };
}
