using System.Diagnostics;
using WinLayers.Formats;

namespace WinLayers.Windows.Errors;

/// <summary>What on the host is not as the work needs it.</summary>
public enum HostStateFailure
{
    /// <summary>The folder for a new layer has contents.</summary>
    FolderHasContents,

    /// <summary>The record of a scratch layer cannot be understood.</summary>
    UnknownScratch,

    /// <summary>A mounted scratch layer has no path of its volume.</summary>
    NoMountPath,

    /// <summary>Windows wrote nothing of a file and reported no failure.</summary>
    NothingWritten,

    /// <summary>The folder is not a scratch layer.</summary>
    NotAScratch,

    /// <summary>A scratch layer does not name its parents.</summary>
    NoParents,

    /// <summary>A layer's folder has no name that Windows could make its id of.</summary>
    NoLayerName,

    /// <summary>The scratch layer is mounted.</summary>
    Mounted,

    /// <summary>The volume has a file system that layers cannot stand on.</summary>
    NotNtfs,
}

/// <summary>Something on the host is not as the work needs it, though no call of the system failed.</summary>
public sealed class HostStateException : WinLayersException
{
    private HostStateException(HostStateFailure reason, string message, Exception? innerException = null)
        : base(CodeOf(reason), message, innerException) => Reason = reason;

    /// <summary>What is not as the work needs it.</summary>
    public HostStateFailure Reason { get; }

    internal static string CodeOf(HostStateFailure reason) => reason switch
    {
        HostStateFailure.FolderHasContents => "WCL6006",
        HostStateFailure.UnknownScratch => "WCL6007",
        HostStateFailure.NoMountPath => "WCL6008",
        HostStateFailure.NothingWritten => "WCL6009",
        HostStateFailure.NotAScratch => "WCL6010",
        HostStateFailure.NoParents => "WCL6011",
        HostStateFailure.NoLayerName => "WCL6013",
        HostStateFailure.Mounted => "WCL6014",
        HostStateFailure.NotNtfs => "WCL6015",
        _ => throw new UnreachableException(),
    };

    internal static HostStateException FolderHasContents(string folder) =>
        new(HostStateFailure.FolderHasContents, $"'{folder}' has contents; a layer is made in a folder of its own")
        {
            Remedy = "Name a folder that is not there yet, or an empty one.",
        };

    internal static HostStateException UnknownScratch(string record, Exception? innerException) =>
        new(HostStateFailure.UnknownScratch, $"'{record}' does not say how the scratch layer was made", innerException)
        {
            Remedy = "It was written to by something else, or by a newer version: use that one. If the layer's disk is attached, " +
                "Dismount-DiskImage detaches it; then remove the folder.",
        };

    internal static HostStateException NoMountPath(string layer) =>
        new(HostStateFailure.NoMountPath, $"Windows mounted '{layer}' and tells no path of its volume")
        {
            Remedy = "Run elevated: only then Windows gives the volume of an attached disk its path. " +
                "'mountvol' shows the volumes that have one.",
        };

    internal static HostStateException NothingWritten(string path) =>
        new(HostStateFailure.NothingWritten, $"BackupWrite took nothing of what '{path}' should hold, and reported no failure")
        {
            Remedy = "Check the volume (chkdsk) and the filter drivers on it (fltmc); try again on an NTFS volume of this machine.",
        };

    internal static HostStateException NotAScratch(string folder) =>
        new(HostStateFailure.NotAScratch, $"'{folder}' is no scratch layer: it has no sandbox.vhdx")
        {
            Remedy = "Name the folder of a scratch layer.",
        };

    internal static HostStateException NoParents(string folder) =>
        new(HostStateFailure.NoParents, $"'{folder}' does not say which layers it stands on")
        {
            Remedy = "Its layerchain.json is missing: name the layers, nearest first.",
        };

    internal static HostStateException NoLayerName(string folder) =>
        new(HostStateFailure.NoLayerName,
            $"'{folder}' is no layer's folder: Windows makes a layer's id of its folder's name, and this has none")
        {
            Remedy = "Name the layer's folder itself, not the root of a drive and not '.' or '..'.",
        };

    internal static HostStateException NotNtfs(string folder, string format) =>
        new(HostStateFailure.NotNtfs, $"the volume of '{folder}' is {format}, and layers of Windows stand on NTFS alone")
        {
            Remedy = "Take a folder on an NTFS volume of this machine as the store; ReFS and FAT lack what layers need.",
        };

    internal static HostStateException Mounted(string folder) =>
        new(HostStateFailure.Mounted, $"the scratch layer '{folder}' is mounted")
        {
            Remedy = "Stop what uses it, unmount it and try again.",
        };
}
