using WinLayers.Formats;

namespace WinLayers.Windows.Errors;

/// <summary>Something on the host is not as the work needs it, though no call of the system failed.</summary>
public sealed class HostStateException : WinLayersException
{
    private HostStateException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }

    internal static HostStateException FolderHasContents(string folder) =>
        new("WCL6006", $"'{folder}' has contents; a layer is made in a folder of its own")
        {
            Remedy = "Name a folder that is not there yet, or an empty one. 'winlayers scratch remove' and 'winlayers destroy' remove layers.",
        };

    internal static HostStateException UnknownScratch(string record, Exception? innerException) =>
        new("WCL6007", $"'{record}' does not say how the scratch layer was made", innerException)
        {
            Remedy = "It was written to by something else, or by a newer version: use that one. If the layer's disk is attached, Dismount-DiskImage detaches it; then remove the folder.",
        };

    internal static HostStateException NoMountPath(string layer) =>
        new("WCL6008", $"Windows mounted '{layer}' and tells no path of its volume")
        {
            Remedy = "Run elevated: only then Windows gives the volume of an attached disk its path. 'mountvol' shows the volumes that have one.",
        };

    internal static HostStateException NothingWritten(string path) =>
        new("WCL6009", $"BackupWrite took nothing of what '{path}' should hold, and reported no failure")
        {
            Remedy = "Check the volume (chkdsk) and the filter drivers on it (fltmc); try again on an NTFS volume of this machine.",
        };

    internal static HostStateException NotAScratch(string folder) =>
        new("WCL6010", $"'{folder}' is no scratch layer: it has no sandbox.vhdx")
        {
            Remedy = "Name the folder that 'winlayers scratch create' made.",
        };

    internal static HostStateException NoParents(string folder) =>
        new("WCL6011", $"'{folder}' does not say which layers it stands on")
        {
            Remedy = "Name them with --parent, nearest first; its layerchain.json is missing.",
        };
}
