namespace WinLayers.Windows.Errors;

/// <summary>Codes of the system itself (<c>0x8007…</c>), by the calls that they are known from.</summary>
internal static class Win32Errors
{
    private const string GetPrivileges = "Run elevated; exclude the store from the antivirus scanner while layers are written.";
    private const string FreeHolder =
        "End what holds sandbox.vhdx (another container, a mount left behind, a backup or antivirus program) and try again.";
    private const string FreeHolderOrMatchBuild =
        "Compare the builds: where they differ, take the image for this host. Else end what holds sandbox.vhdx (another container, a " +
            "mount left behind, a backup or antivirus program) and try again.";
    private const string FreeSpace = "Free space on the volume of the store and try again.";

    /// <summary>Those with a call come before the one for any call.</summary>
    internal static IReadOnlyList<HostError> Entries { get; } =
    [
        HostError.Of(0x80070002, "ImportLayer", "ERROR_FILE_NOT_FOUND",
            "a directory has no .$wcidirs$ marker, empty directories were left out, or a parent layer was never processed",
            "Unpack the parents again with WinLayers; if the staged folder came from another tool, stage the layer anew."),
        HostError.Of(0x80070002, null, "ERROR_FILE_NOT_FOUND", "a file that the layer needs is not there",
            "Check that the layer's folder is whole.", HostErrorKind.LayerIncomplete),
        HostError.Of(0x80070003, "ImportLayer", "ERROR_PATH_NOT_FOUND",
            "a parent's id is not the one of its folder's name, a path is too long, or the staging folder is the layer's own",
            "Hand over the parents' folders under the names they were imported with, nearest first."),
        HostError.Of(0x80070003, "CreateSandboxLayer", "ERROR_PATH_NOT_FOUND",
            "a parent's id is not the one of its folder's name, or a parent's folder is gone or was renamed",
            "Hand over the parents' folders under the names they were imported with, nearest first."),
        HostError.Of(0x80070003, null, "ERROR_PATH_NOT_FOUND", "a folder of the layer or of one of its parents is gone",
            "Check the folders that layerchain.json names.", HostErrorKind.LayerIncomplete),
        HostError.Of(0x80070005, "ImportLayer", "ERROR_ACCESS_DENIED",
            "the backup and restore privileges are not enabled, or an antivirus program holds files", GetPrivileges,
            HostErrorKind.PrivilegeMissing),
        HostError.Of(0x80070005, "ProcessBaseImage", "ERROR_ACCESS_DENIED",
            "the backup and restore privileges are not enabled, or an antivirus program holds files", GetPrivileges,
            HostErrorKind.PrivilegeMissing),
        HostError.Of(0x80070005, "GrantVmAccess", "ERROR_ACCESS_DENIED", "the caller may not change who has access to the file",
            GetPrivileges, HostErrorKind.PrivilegeMissing),
        HostError.Of(0x80070005, null, "ERROR_ACCESS_DENIED",
            "access was refused; for a virtual machine: it was not granted access to its disk or to a parent layer",
            "Run elevated; grant a virtual machine access to the disk and to every layer below it.", HostErrorKind.AccessDenied),
        HostError.Of(0x80070015, "PrepareLayer", "ERROR_NOT_READY", "the disk was not ready for a moment",
            "It was tried several times already; try again when the machine is less busy."),
        HostError.Of(0x80070020, "ActivateLayer", "ERROR_SHARING_VIOLATION",
            "another process holds sandbox.vhdx, or the host's build does not match the image's", FreeHolderOrMatchBuild,
            HostErrorKind.InUseOrOtherBuild),
        HostError.Of(0x80070020, "PrepareLayer", "ERROR_SHARING_VIOLATION",
            "another process holds sandbox.vhdx, or the host's build does not match the image's", FreeHolderOrMatchBuild,
            HostErrorKind.InUseOrOtherBuild),
        HostError.Of(0x80070020, null, "ERROR_SHARING_VIOLATION",
            "another process holds the file; an activated scratch layer cannot be attached to a virtual machine", FreeHolder,
            HostErrorKind.InUse),
        HostError.Of(0x80070057, "HcsFormatWritableLayerVhd", "E_INVALIDARG",
            "the disk is formatted already, or the handle is of the wrong kind for this build",
            "Format only disks that CreateSandboxLayer did not make."),
        HostError.Of(0x80070070, null, "ERROR_DISK_FULL", "the volume is full", FreeSpace, HostErrorKind.DiskFull),
        HostError.Of(0x80070522, null, "ERROR_PRIVILEGE_NOT_HELD", "the process does not hold a privilege that the call needs",
            GetPrivileges, HostErrorKind.PrivilegeMissing),
    ];
}
