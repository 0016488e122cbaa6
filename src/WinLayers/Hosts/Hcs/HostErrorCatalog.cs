namespace WinLayers.Hosts.Hcs;

/// <summary>What is known about a code that calls of the host return.</summary>
/// <param name="Code">The HRESULT.</param>
/// <param name="Call">The function it is known from; null for any.</param>
/// <param name="Name">The system's name of the code.</param>
/// <param name="Cause">What was behind it.</param>
/// <param name="Remedy">What helped.</param>
public sealed record HostError(int Code, string? Call, string Name, string Cause, string Remedy);

/// <summary>Codes that users meet, what was behind them and what helped: a table, without logic of its own.</summary>
public static class HostErrorCatalog
{
    private const string GetPrivileges = "Run elevated; exclude the store from the antivirus scanner while layers are written; 'winlayers doctor' shows the privileges.";
    private const string MatchBuild = "Pull the image for this host's build (winlayers platform shows which), or run it with Hyper-V isolation.";
    private const string FreeHolder = "End what holds sandbox.vhdx (another container, a mount left behind, a backup or antivirus program) and try again; 'winlayers doctor' lists leftovers.";
    private const string FreeSpace = "Free space on the volume of the store and try again; 'winlayers gc' removes leftovers of earlier work.";

    /// <summary>Every entry; those with a call come before the one for any call.</summary>
    public static IReadOnlyList<HostError> Entries { get; } =
    [
        Entry(0x80070002, "ImportLayer", "ERROR_FILE_NOT_FOUND", "a directory has no .$wcidirs$ marker, empty directories were left out, or a parent layer was never processed", "Unpack the parents again with WinLayers; if the staged folder came from another tool, stage the layer anew."),
        Entry(0x80070002, null, "ERROR_FILE_NOT_FOUND", "a file that the layer needs is not there", "Check that the layer's folder is whole: winlayers verify."),
        Entry(0x80070003, "ImportLayer", "ERROR_PATH_NOT_FOUND", "a parent's id is not the one of its folder's name, a path is too long, or the staging folder is the layer's own", "Hand over the parents' folders under the names they were imported with, nearest first."),
        Entry(0x80070003, "CreateSandboxLayer", "ERROR_PATH_NOT_FOUND", "a parent's id is not the one of its folder's name, or a parent's folder is gone or was renamed", "Hand over the parents' folders under the names they were imported with, nearest first."),
        Entry(0x80070003, null, "ERROR_PATH_NOT_FOUND", "a folder of the layer or of one of its parents is gone", "Check the chain: winlayers verify, layerchain.json."),
        Entry(0x80070005, "ImportLayer", "ERROR_ACCESS_DENIED", "the backup and restore privileges are not enabled, or an antivirus program holds files", GetPrivileges),
        Entry(0x80070005, "ProcessBaseImage", "ERROR_ACCESS_DENIED", "the backup and restore privileges are not enabled, or an antivirus program holds files", GetPrivileges),
        Entry(0x80070005, "GrantVmAccess", "ERROR_ACCESS_DENIED", "the caller may not change who has access to the file", GetPrivileges),
        Entry(0x80070005, null, "ERROR_ACCESS_DENIED", "access was refused; for a virtual machine: it was not granted access to its disk or to a parent layer", "Run elevated; for a virtual machine: winlayers grant-access."),
        Entry(0x80070015, "PrepareLayer", "ERROR_NOT_READY", "the disk was not ready for a moment", "It was tried several times already; try again when the machine is less busy."),
        Entry(0x80070020, "ActivateLayer", "ERROR_SHARING_VIOLATION", "another process holds sandbox.vhdx, or the host's build does not match the image's", FreeHolder),
        Entry(0x80070020, "PrepareLayer", "ERROR_SHARING_VIOLATION", "another process holds sandbox.vhdx, or the host's build does not match the image's", FreeHolder),
        Entry(0x80070020, null, "ERROR_SHARING_VIOLATION", "another process holds the file; an activated scratch layer cannot be attached to a virtual machine", FreeHolder),
        Entry(0x80070057, "HcsFormatWritableLayerVhd", "E_INVALIDARG", "the disk is formatted already, or the handle is of the wrong kind for this build", "Format only disks that CreateSandboxLayer did not make."),
        Entry(0x80070070, null, "ERROR_DISK_FULL", "the volume is full", FreeSpace),
        Entry(0x80070522, null, "ERROR_PRIVILEGE_NOT_HELD", "the process does not hold a privilege that the call needs", GetPrivileges),
        Entry(0xC0370106, null, "HCS_E_UNEXPECTED_EXIT", "the container or virtual machine exited unexpectedly", "Look at its own output and at the Hyper-V-Compute event log."),
        Entry(0xC0370112, null, "HCS_E_WINDOWS_INSIDER_REQUIRED", "the image needs a Windows build that this host does not run", MatchBuild),
        Entry(0x80370106, null, "HCS_E_UNEXPECTED_EXIT", "the container or virtual machine exited unexpectedly", "Look at its own output and at the Hyper-V-Compute event log."),
        Entry(0x80370112, null, "HCS_E_WINDOWS_INSIDER_REQUIRED", "the image needs a Windows build that this host does not run", MatchBuild),
    ];

    /// <summary>What is known about this code from this call, or else from any.</summary>
    public static HostError? Find(string call, int code)
    {
        foreach (HostError entry in Entries)
        {
            if (entry.Code == code && (entry.Call is null || entry.Call == call))
                return entry;
        }

        return null;
    }

    private static HostError Entry(uint code, string? call, string name, string cause, string remedy) =>
        new(unchecked((int)code), call, name, cause, remedy);
}
