namespace WinLayers.Windows.Errors;

/// <summary>What a known code of the host is about, for callers that can help with it.</summary>
public enum HostErrorKind
{
    /// <summary>Something else.</summary>
    Other,

    /// <summary>A file or a folder of the layer or of its parents is missing.</summary>
    LayerIncomplete,

    /// <summary>The process lacks a privilege, or something else holds the files.</summary>
    PrivilegeMissing,

    /// <summary>Access was refused: to this process, or to a virtual machine that was not granted it.</summary>
    AccessDenied,

    /// <summary>Another process holds the disk's file.</summary>
    InUse,

    /// <summary>Another process holds the disk's file, or the image is for another build of Windows.</summary>
    InUseOrOtherBuild,

    /// <summary>The image is for another build of Windows.</summary>
    OtherBuild,

    /// <summary>The disk is attached somewhere else.</summary>
    Attached,

    /// <summary>The volume is full.</summary>
    DiskFull,
}
