using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Formats.Ntfs;

/// <summary>What NTFS knows of a file or directory besides its name and contents. Immutable; parts may be shared between entries.</summary>
public sealed record FileMetadata
{
    /// <summary>The attribute bits as recorded, unknown ones included.</summary>
    public FileAttributes Attributes { get; init; }

    /// <summary>The four times.</summary>
    public FileTimes Times { get; init; }

    /// <summary>The security descriptor, where one is recorded.</summary>
    public SecurityDescriptor? Security { get; init; }

    /// <summary>The extended attributes, where there are any.</summary>
    public ExtendedAttributes? ExtendedAttributes { get; init; }

    /// <summary>The reparse point that this file or directory is, where it is one.</summary>
    public ReparsePoint? Reparse { get; init; }

    /// <summary>Metadata of a directory that the layer needs but does not describe.</summary>
    public static FileMetadata DefaultDirectory { get; } = new() { Attributes = FileAttributes.Directory };
}
