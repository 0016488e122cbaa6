namespace WinLayers.Hosts;

/// <summary>Something on the host is not as the work needs it, though no call of the system failed.</summary>
public sealed class HostStateException : WinLayersException
{
    private HostStateException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }

    internal static HostStateException NoMountPath(string layer) =>
        new("WCL6008", $"Windows mounted '{layer}' and tells no path of its volume")
        {
            Remedy = "Run elevated: only then Windows gives the volume of an attached disk its path. 'mountvol' shows the volumes that have one.",
        };

    internal static HostStateException UnknownScratch(string record, Exception? innerException) =>
        new("WCL6007", $"'{record}' does not say how the scratch layer was made", innerException)
        {
            Remedy = "It was written to by something else, or by a newer version: use that one. If the layer's disk is attached, Dismount-DiskImage detaches it; then remove the folder.",
        };
}
