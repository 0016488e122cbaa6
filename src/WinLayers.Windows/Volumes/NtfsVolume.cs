using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;
using WinLayers.Windows.Interop;
using WinLayers.Writing;

namespace WinLayers.Windows.Volumes;

/// <summary>A layer's folder on NTFS in the making: real files with their metadata applied.</summary>
/// <remarks>
/// Needs the backup, restore and security privileges (see <see cref="HostPrivileges"/>). Everything is opened relative to the folder's
/// handle and never through a reparse point; metadata is set on the handle, times before contents as the reference does: a time
/// that was set on a handle is not touched by later writes through it.
/// </remarks>
[SupportedOSPlatform("windows")]
public sealed class NtfsVolume : NtfsTree, ILayerVolume
{
    private NtfsVolume(NtfsFolder folder)
        : base(folder)
    {
    }

    /// <summary>Opens an existing folder for writing.</summary>
    public static new NtfsVolume Open(string layerFolder) => new(new NtfsFolder(layerFolder));

    /// <inheritdoc/>
    public void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        using SafeFileHandle directory = Folder.Open(path, new NtOpen(NtOpen.Restore, NtOpen.New, NtOpen.DirectoryOnly));
        Write(directory, path, metadata, content, isDirectory: true);
    }

    /// <inheritdoc/>
    public void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        using SafeFileHandle file = Folder.Open(path, new NtOpen(NtOpen.Restore, NtOpen.New, NtOpen.FileOnly));
        Write(file, path, metadata, content, isDirectory: false);
    }

    /// <inheritdoc/>
    public void UpdateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        using SafeFileHandle directory = Folder.Open(path, new NtOpen(NtOpen.Restore, NtOpen.Existing, NtOpen.DirectoryOnly));
        Write(directory, path, metadata, content, isDirectory: true);
    }

    /// <inheritdoc/>
    public void Link(LayerPath path, LayerPath target, ILayerTree from)
    {
        if (from is not NtfsTree tree)
            throw new ArgumentException("A hard link on NTFS leads to a file on NTFS.", nameof(from));
        if (ReferenceEquals(from, this) && path == target)
            return;

        // The target is held before the name's old owner goes: they may be one file.
        using SafeFileHandle file = tree.OpenForLink(target);
        Remove(path);
        using SafeFileHandle directory =
            Folder.Open(path.Parent, new NtOpen(NtOpen.ListDirectory | NtOpen.ReadAttributes, NtOpen.Existing, NtOpen.DirectoryOnly));

        // Nothing is opened through a reparse point, but the parent itself may be one.
        if (((FileAttributes)Kernel32.GetBasicInformation(directory, path.Value).Attributes).HasFlag(FileAttributes.ReparsePoint))
            throw new LayerRefusedException(LayerRules.ThroughReparsePoint, $"a reparse point is on the way to '{path}'");
        int status = NtDll.TryLink(file, directory, path.Name.ToString());
        if (status < 0)
        {
            throw NtDll.Failed(
                "NtSetInformationFile(FileLinkInformation)", status, Path.Join(Location, path.Value),
                    Path.Join(from.Location, target.Value));
        }
    }

    /// <inheritdoc/>
    public void Remove(LayerPath path) => NtfsRemoval.Remove(Folder, path);

    /// <inheritdoc/>
    public void SetDirectoryTimes(LayerPath path, FileAttributes attributes, FileTimes times)
    {
        using SafeFileHandle directory = Folder.Open(path, new NtOpen(NtOpen.WriteAttributes, NtOpen.Existing, NtOpen.DirectoryOnly));
        Kernel32.SetBasicInformation(directory, new FileBasicInformation(times, attributes), path.Value);
    }

    /// <inheritdoc/>
    public void SaveCopy(LayerPath path, string savedName)
    {
        LayerPath copy = LayerPath.Root.Child(savedName);
        using FileStream from =
            new(Folder.Open(path, new NtOpen(NtOpen.GenericRead, NtOpen.Existing, NtOpen.FileOnly)), FileAccess.Read, bufferSize: 0);
        using FileStream to = new(
            Folder.Open(copy, new NtOpen(NtOpen.GenericWrite, NtOpen.OverwriteOrNew, NtOpen.FileOnly)), FileAccess.Write, bufferSize: 0);
        from.CopyTo(to);
    }

    /// <inheritdoc/>
    public void Complete()
    {
        // Every call has done its work when it returns.
    }

    private static void Write(SafeFileHandle file, LayerPath path, FileMetadata metadata, EntryContent content, bool isDirectory)
    {
        Kernel32.SetBasicInformation(file, new FileBasicInformation(metadata.Times, metadata.Attributes), path.Value);
        using BackupWriteStream backup = new(file, path.Value);
        BackupStreamWriter writer = new(backup);
        writer.WriteMetadata(metadata);
        // A symbolic link has no data; other reparse points of files may.
        if (!isDirectory && (metadata.Reparse is null || content.Data.Length > 0))
            writer.WriteData(content.Data, content.Data.Length);
        while (content.NextStream() is { } stream)
            writer.WriteAlternate(stream.Name, stream.Data, stream.Data.Length);
    }
}
