using System.Text;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Names;
using WinLayers.Oci.Disk;

namespace WinLayers.Views;

/// <summary>An extraction to a folder of the host; the folders get their times at the end.</summary>
internal sealed class FolderExtraction(
    MergedView view, LayerPath top, HostFolder root, ExtractOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    : Extraction(view, top, options, progress, cancellationToken)
{
    private const int MaxHostName = 255;

    private readonly bool _overwrite = options.Overwrite;
    private HostFolder? _current;
    private LayerPath _currentPath;

    protected override string? Obstacle(MergedEntry entry) =>
        !OperatingSystem.IsWindows() && Encoding.UTF8.GetByteCount(entry.Path.Name) > MaxHostName
            ? $"its name has more than {MaxHostName} bytes here" : null;

    protected override void WriteFolder(MergedEntry folder) =>
        FolderOf(folder.Path.Parent).TryMakeFolder(folder.Path.Name.ToString());

    protected override void WriteFile(MergedEntry file, Stream content)
    {
        HostFolder folder = FolderOf(file.Path.Parent);
        string name = file.Path.Name.ToString();
        if (_overwrite)
            folder.RemoveFile(name);
        using SafeFileHandle handle = folder.TryMakeFile(name)
            ?? throw DiskException.AlreadyThere(Path.Combine(folder.Location, name));
        HostFiles.Copy(content, handle, Path.Combine(folder.Location, name));
        folder.SetTimes(handle, file.Metadata.Times);
        if (file.Metadata.Attributes.HasFlag(FileAttributes.ReadOnly))
            HostFiles.MakeReadOnly(handle);
    }

    // A file of its own: whoever changes one of them, outside, would not expect the other to change.
    protected override void WriteName(MergedEntry file, MergedEntry first)
    {
        using var content =
            new FileStream(FolderOf(first.Path.Parent).OpenFile(first.Path.Name.ToString()), FileAccess.Read, bufferSize: 0);
        WriteFile(file, content);
    }

    protected override bool WriteLink(MergedEntry link, string target) =>
        FolderOf(link.Path.Parent).TryMakeSymbolicLink(link.Path.Name.ToString(), target);

    // Children first: what is made in a folder changes its times.
    protected override void Finish(IEnumerable<MergedEntry> folders)
    {
        foreach (MergedEntry folder in folders.Reverse())
            FolderOf(folder.Path).SetOwnTimes(folder.Metadata.Times);
    }

    protected override void Dispose(bool disposing)
    {
        CloseCurrent();
        base.Dispose(disposing);
    }

    // The folder of a directory, valid until the next call: the one used last stays open, others are reached from the root.
    private HostFolder FolderOf(LayerPath directory)
    {
        if (directory == Top)
            return root;
        if (_current is not null && directory == _currentPath)
            return _current;
        CloseCurrent();
        _current = root.OpenBelow(directory.Value[(Top.IsRoot ? 0 : Top.Value.Length + 1)..].Split('\\'));
        _currentPath = directory;
        return _current;
    }

    private void CloseCurrent()
    {
        _current?.Dispose();
        _current = null;
    }
}
