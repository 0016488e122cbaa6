namespace WinLayers.Formats.Tar;

/// <summary>The PAX records that mean something in a Windows layer.</summary>
internal enum PaxKey
{
    Path,
    LinkPath,
    Size,
    ModificationTime,
    AccessTime,
    ChangeTime,
    CreationTime,
    FileAttributes,
    RawSecurityDescriptor,
    Sddl,
    ExtendedAttributeList,
    MountPoint,
    Reparse,
}

/// <summary>The keys as the tar spells them.</summary>
internal static class PaxKeys
{
    public static ReadOnlySpan<byte> Path => "path"u8;

    public static ReadOnlySpan<byte> LinkPath => "linkpath"u8;

    public static ReadOnlySpan<byte> Size => "size"u8;

    public static ReadOnlySpan<byte> ModificationTime => "mtime"u8;

    public static ReadOnlySpan<byte> AccessTime => "atime"u8;

    public static ReadOnlySpan<byte> ChangeTime => "ctime"u8;

    public static ReadOnlySpan<byte> CreationTime => "LIBARCHIVE.creationtime"u8;

    /// <summary>FILE_ATTRIBUTE_* bits, decimal.</summary>
    public static ReadOnlySpan<byte> FileAttributes => "MSWINDOWS.fileattr"u8;

    /// <summary>A self-relative SECURITY_DESCRIPTOR, base64.</summary>
    public static ReadOnlySpan<byte> RawSecurityDescriptor => "MSWINDOWS.rawsd"u8;

    /// <summary>A security descriptor as SDDL text, as old layers have it.</summary>
    public static ReadOnlySpan<byte> Sddl => "MSWINDOWS.sd"u8;

    /// <summary>A whole FILE_FULL_EA_INFORMATION list, base64: zlayer's dialect.</summary>
    public static ReadOnlySpan<byte> ExtendedAttributeList => "MSWINDOWS.eas"u8;

    /// <summary>Before the name of one extended attribute; its value is base64.</summary>
    public static ReadOnlySpan<byte> ExtendedAttributePrefix => "MSWINDOWS.xattr."u8;

    /// <summary>On a symbolic link: it is a mount point.</summary>
    public static ReadOnlySpan<byte> MountPoint => "MSWINDOWS.mountpoint"u8;

    /// <summary>A whole REPARSE_DATA_BUFFER, base64: zlayer's dialect.</summary>
    public static ReadOnlySpan<byte> Reparse => "MSWINDOWS.reparse"u8;

    /// <summary>Before everything about GNU's sparse formats 0.0, 0.1 and 1.0.</summary>
    public static ReadOnlySpan<byte> SparsePrefix => "GNU.sparse."u8;
}
