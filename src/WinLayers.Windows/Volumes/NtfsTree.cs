using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Volumes;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Volumes;

/// <summary>A finished layer's folder on NTFS.</summary>
/// <remarks>Needs the backup privilege (see <see cref="HostPrivileges"/>). Safe for several threads that read.</remarks>
[SupportedOSPlatform("windows")]
public class NtfsTree : ILayerTree
{
    private protected NtfsTree(NtfsFolder folder) => Folder = folder;

    /// <summary>Opens the folder.</summary>
    public static NtfsTree Open(string layerFolder) => new(new NtfsFolder(layerFolder));

    /// <inheritdoc/>
    public string Location => Folder.Location;

    private protected NtfsFolder Folder { get; }

    /// <inheritdoc/>
    public VolumeNode? Find(LayerPath path)
    {
        using SafeFileHandle? file = Folder.OpenIfThere(path, new NtOpen(NtOpen.ReadAttributes));
        if (file is null)
            return null;
        var attributes = (FileAttributes)Kernel32.GetBasicInformation(file, path.Value).Attributes;
        long length = Kernel32.GetStandardInformation(file, path.Value).EndOfFile;
        return Node(path.IsRoot ? path : Folder.Spelling(path, file), attributes, length);
    }

    /// <inheritdoc/>
    public IEnumerable<VolumeNode> Enumerate(LayerPath directory)
    {
        using SafeFileHandle? file = Folder.OpenIfThere(directory, new NtOpen(NtOpen.ListDirectory | NtOpen.ReadAttributes));
        if (file is null || !IsDirectory((FileAttributes)Kernel32.GetBasicInformation(file, directory.Value).Attributes))
            return [];
        return NtfsDirectoryReader.ReadAll(file, directory.Value)
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => Node(directory.Child(entry.Name), entry.Attributes, entry.Length))
            .ToList();
    }

    /// <inheritdoc/>
    public FileMetadata ReadMetadata(LayerPath path)
    {
        SafeFileHandle file = Folder.Open(path, new NtOpen(NtOpen.Backup));
        using BackupReadStream backup = new(file, path.Value);
        FileBasicInformation basic = Kernel32.GetBasicInformation(file, path.Value);
        FileMetadata metadata = new() { Attributes = (FileAttributes)basic.Attributes, Times = basic.Times };
        BackupStreamReader reader = new(backup);
        // Extended attributes may follow the data, so all records are gone through; the bytes of contents are passed over unread.
        while (reader.ReadNext() is { } record)
            metadata = record.AddTo(metadata);
        return metadata;
    }

    /// <inheritdoc/>
    public OpenContent OpenRead(LayerPath path)
    {
        SafeFileHandle file = Folder.Open(path, new NtOpen(NtOpen.GenericRead));
        try
        {
            var attributes = (FileAttributes)Kernel32.GetBasicInformation(file, path.Value).Attributes;
            return new NtfsContent(file, IsDirectory(attributes), () => Folder.Open(path, new NtOpen(NtOpen.Backup)), path.Value);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Which file the path is, on its volume: the same for every name of one file.</summary>
    internal FileIdInformation GetFileId(LayerPath path, out uint names)
    {
        using SafeFileHandle file = Folder.Open(path, new NtOpen(NtOpen.ReadAttributes));
        names = Kernel32.GetStandardInformation(file, path.Value).NumberOfLinks;
        return Kernel32.GetId(file, path.Value);
    }

    internal SafeFileHandle OpenForLink(LayerPath path) => Folder.Open(path, new NtOpen(NtOpen.WriteAttributes, Options: NtOpen.FileOnly));

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the folder.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Folder.Dispose();
    }

    private static bool IsDirectory(FileAttributes attributes) => attributes.HasFlag(FileAttributes.Directory);

    private static VolumeNode Node(LayerPath path, FileAttributes attributes, long length) =>
        new(path, IsDirectory(attributes), attributes.HasFlag(FileAttributes.ReparsePoint), IsDirectory(attributes) ? 0 : length);
}
