namespace WinLayers.Windows.Errors;

/// <summary>Codes of virtual disks (<c>0xC03A…</c>), as winerror.h has them: those that users of layers meet.</summary>
internal static class VirtualDiskErrors
{
    private const string MakeAnew = "Make the scratch layer again; a template that is damaged comes back when its layer is unpacked again.";
    private const string RestoreParent =
        "The disks of a layer name their parents by path: put the layers back where they were unpacked, or " +
            "unpack them again and make the disk anew.";
    private const string CheckHolder =
        "Detach the disk where it is attached (Dismount-DiskImage, or end the virtual machine) and try again.";

    internal static IReadOnlyList<HostError> Entries { get; } =
    [
        HostError.Of(0xC03A0001, null, "ERROR_VHD_DRIVE_FOOTER_MISSING", "the virtual disk is damaged: it has no footer", MakeAnew),
        HostError.Of(0xC03A0003, null, "ERROR_VHD_DRIVE_FOOTER_CORRUPT", "the virtual disk is damaged: its footer is", MakeAnew),
        HostError.Of(0xC03A0004, null, "ERROR_VHD_FORMAT_UNKNOWN", "the file is no virtual disk of a format that this Windows knows",
            MakeAnew),
        HostError.Of(0xC03A0005, null, "ERROR_VHD_FORMAT_UNSUPPORTED_VERSION",
            "the virtual disk is of a version that this Windows does not know", MakeAnew),
        HostError.Of(0xC03A0008, null, "ERROR_VHD_SPARSE_HEADER_CORRUPT", "the virtual disk is damaged: its header is", MakeAnew),
        HostError.Of(0xC03A000D, null, "ERROR_VHD_PARENT_VHD_NOT_FOUND", "the disk that this one differs from is not where it was",
            RestoreParent),
        HostError.Of(0xC03A000E, null, "ERROR_VHD_CHILD_PARENT_ID_MISMATCH",
            "the disk that this one differs from has been replaced by another", RestoreParent),
        HostError.Of(0xC03A000F, null, "ERROR_VHD_CHILD_PARENT_TIMESTAMP_MISMATCH",
            "the disk that this one differs from has been written to", RestoreParent),
        HostError.Of(0xC03A0012, null, "ERROR_VHD_INVALID_SIZE", "a virtual disk cannot have this size",
            "Ask for a size in whole gigabytes."),
        HostError.Of(0xC03A0013, null, "ERROR_VHD_INVALID_FILE_SIZE", "the virtual disk's file was cut or written to by something else",
            MakeAnew),
        HostError.Of(0xC03A0014, null, "ERROR_VIRTDISK_PROVIDER_NOT_FOUND",
            "this Windows has no support for virtual disks of this kind, or the driver vhdmp does not run",
            "Check that the driver vhdmp runs ('sc query vhdmp'); restart the machine if it does not start."),
        HostError.Of(0xC03A0015, null, "ERROR_VIRTDISK_NOT_VIRTUAL_DISK", "the disk is no virtual disk",
            "Hand over the folder of a scratch layer."),
        HostError.Of(0xC03A0016, null, "ERROR_VHD_PARENT_VHD_ACCESS_DENIED",
            "the disk that this one differs from may not be opened; for a virtual machine: it was not granted access to it",
            "Run elevated; grant a virtual machine access to the disk and to every layer below it.", HostErrorKind.AccessDenied),
        HostError.Of(0xC03A0017, null, "ERROR_VHD_CHILD_PARENT_SIZE_MISMATCH",
            "the disk that this one differs from has another size than it had", RestoreParent),
        HostError.Of(0xC03A0019, null, "ERROR_VHD_DIFFERENCING_CHAIN_ERROR_IN_PARENT", "a disk further down the chain cannot be opened",
            RestoreParent),
        HostError.Of(0xC03A001A, null, "ERROR_VIRTUAL_DISK_LIMITATION",
            "the disk's file is compressed, encrypted or sparse, as its folder may be",
            "Turn off compression and encryption for the folder ('compact /u /s', 'cipher /d /s') or use another one, and try again."),
        HostError.Of(0xC03A001C, null, "ERROR_VHD_INVALID_STATE",
            "the virtual disk is not in a state that allows this: attached, or not attached", CheckHolder, HostErrorKind.Attached),
        HostError.Of(0xC03A001D, null, "ERROR_VIRTDISK_UNSUPPORTED_DISK_SECTOR_SIZE",
            "the volume lies on a disk whose sectors have a size that virtual disks do not support", "Put the layers on another disk."),
        HostError.Of(0xC03A001E, null, "ERROR_VIRTDISK_DISK_ALREADY_OWNED", "the disk belongs to somebody else", CheckHolder,
            HostErrorKind.Attached),
        HostError.Of(0xC03A001F, null, "ERROR_VIRTDISK_DISK_ONLINE_AND_WRITABLE", "the disk has to be offline or read-only for this",
            CheckHolder, HostErrorKind.Attached),
    ];
}
