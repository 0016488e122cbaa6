using System.Text;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Names;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Views;

/// <summary>
/// One extraction. What is wanted is planned first; then each layer is passed through once, its files written in the order in which the
/// layer has them, and the folders get their times at the end.
/// </summary>
internal sealed class Extraction(
    MergedView view, LayerPath top, HostFolder root, ExtractOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
{
    private const int MaxHostName = 255;

    private readonly LinkTarget _links = new(view, top);
    private readonly List<ExtractOmission> _omissions = [];
    private readonly List<LayerPath> _folders = [];
    private readonly List<(int Layer, long Position, LayerPath Path)> _planned = [];
    private HostFolder? _current;
    private LayerPath _currentPath;
    private long _files;
    private long _bytes;

    /// <summary>Takes everything below the top.</summary>
    public void PlanChildren()
    {
        var notDescended = new HashSet<LayerPath>();
        foreach (MergedEntry entry in view.Walk(top))
        {
            // What the system cannot hold takes everything below with it, which is not named a second time; and nothing is written
            // below a reparse point, wherever it leads.
            bool isBelow = notDescended.Contains(entry.Path.Parent);
            bool isTaken = !isBelow && Plan(entry);
            if (entry.IsDirectory && (!isTaken || entry.IsReparsePoint))
                notDescended.Add(entry.Path);
        }
    }

    /// <summary>Takes an entry; false where the system cannot hold it.</summary>
    public bool Plan(MergedEntry entry)
    {
        if (!OperatingSystem.IsWindows() && Encoding.UTF8.GetByteCount(entry.Path.Name) > MaxHostName)
            return Omit(entry, $"its name has more than {MaxHostName} bytes here", isLost: true);
        if (entry.IsBroken)
            return Omit(entry, $"it is a hard link to '{entry.LinkTarget}', which no layer has", isLost: true);
        if (entry is { IsDirectory: true, IsReparsePoint: false })
            _folders.Add(entry.Path);
        else
            _planned.Add((entry.IsReparsePoint ? -1 : entry.ContentLayer, entry.IsReparsePoint ? 0 : entry.ContentPosition, entry.Path));
        return true;
    }

    /// <summary>Writes what was taken.</summary>
    public ExtractResult Run()
    {
        try
        {
            foreach (LayerPath folder in _folders)
                FolderOf(folder.Parent).TryMakeFolder(folder.Name.ToString());
            _planned.Sort(
                static (left, right) => (left.Layer, left.Position, left.Path).CompareTo((right.Layer, right.Position, right.Path)));
            for (int start = 0, end; start < _planned.Count; start = end)
            {
                int layer = _planned[start].Layer;
                end = _planned.FindIndex(start, planned => planned.Layer != layer) is >= 0 and var next ? next : _planned.Count;
                WriteLayer(layer, _planned.GetRange(start, end - start));
            }

            // Children first: what is made in a folder changes its times.
            for (int i = _folders.Count - 1; i >= 0; i--)
                FolderOf(_folders[i]).SetOwnTimes(view.Find(_folders[i])!.Metadata.Times);
        }
        finally
        {
            CloseCurrent();
        }

        return new ExtractResult(_files, _bytes, _omissions);
    }

    private void WriteLayer(int layer, List<(int Layer, long Position, LayerPath Path)> planned)
    {
        if (layer < 0)
        {
            foreach ((_, _, LayerPath path) in planned)
                WriteLink(view.Find(path)!);
            return;
        }

        using ContentPass pass = view.Layers[layer].OpenPass();
        MergedEntry? before = null;
        foreach ((_, long position, LayerPath path) in planned)
        {
            cancellationToken.ThrowIfCancellationRequested();
            MergedEntry entry = view.Find(path)!;
            // Names of one file follow each other: the first is read from the layer, the others from the first. Position alone does not
            // tell: a folder's entries have none.
            if (before is { } same && same.ContentPosition == position && same.ContentPath == entry.ContentPath)
            {
                using var content =
                    new FileStream(FolderOf(same.Path.Parent).OpenFile(same.Path.Name.ToString()), FileAccess.Read, bufferSize: 0);
                WriteFile(entry, content);
            }
            else
            {
                using OpenContent content = pass.Open(entry.ContentPath, position);
                WriteFile(entry, content.Data);
                before = entry;
            }
        }
    }

    private void WriteFile(MergedEntry entry, Stream content)
    {
        HostFolder folder = FolderOf(entry.Path.Parent);
        string name = entry.Path.Name.ToString();
        if (options.Overwrite)
            folder.RemoveFile(name);
        using SafeFileHandle file = folder.TryMakeFile(name)
            ?? throw DiskException.AlreadyThere(Path.Combine(folder.Location, name));
        HostFiles.Copy(content, file, Path.Combine(folder.Location, name));
        folder.SetTimes(file, entry.Metadata.Times);
        if (entry.Metadata.Attributes.HasFlag(FileAttributes.ReadOnly))
            HostFiles.MakeReadOnly(file);
        _files++;
        _bytes += entry.Size;
        progress?.Report(_bytes);
    }

    private void WriteLink(MergedEntry entry)
    {
        if (!options.SymbolicLinks)
            Omit(entry, "it is a reparse point", isLost: false);
        else if (_links.TryResolve(entry.Path, entry.Metadata.Reparse!, out string reason) is not { } target)
            Omit(entry, reason, isLost: false);
        else if (!FolderOf(entry.Path.Parent).TryMakeSymbolicLink(entry.Path.Name.ToString(), target))
            Omit(entry, "the system makes no symbolic link here, or the name is taken", isLost: true);
    }

    // The folder of a directory, valid until the next call: the one used last stays open, others are reached from the root.
    private HostFolder FolderOf(LayerPath directory)
    {
        if (directory == top)
            return root;
        if (_current is not null && directory == _currentPath)
            return _current;
        CloseCurrent();
        _current = root.OpenBelow(directory.Value[(top.IsRoot ? 0 : top.Value.Length + 1)..].Split('\\'));
        _currentPath = directory;
        return _current;
    }

    private void CloseCurrent()
    {
        _current?.Dispose();
        _current = null;
    }

    private bool Omit(MergedEntry entry, string reason, bool isLost)
    {
        _omissions.Add(new ExtractOmission(entry.Path, reason, isLost));
        return false;
    }
}
