using WinLayers.Formats.Names;
using WinLayers.Volumes;

namespace WinLayers.Views;

/// <summary>
/// One extraction. What is wanted is planned first; then each layer is passed through once, its files written in the order in which the
/// layer has them. Where to, derived classes know.
/// </summary>
internal abstract class Extraction(
    MergedView view, LayerPath top, ExtractOptions options, IProgress<long>? progress, CancellationToken cancellationToken) : IDisposable
{
    private const int MaxLinkChain = 64;

    private readonly LinkTarget _links = new(view, top);
    private readonly List<ExtractOmission> _omissions = [];
    private readonly List<LayerPath> _folders = [];
    private readonly List<Planned> _planned = [];
    private long _files;
    private long _bytes;

    /// <summary>The directory whose contents are taken.</summary>
    protected LayerPath Top { get; } = top;

    /// <summary>Takes everything below the top.</summary>
    public void PlanChildren()
    {
        var notDescended = new HashSet<LayerPath>();
        foreach (MergedEntry entry in view.Walk(Top))
        {
            // What the target cannot hold takes everything below with it, which is not named a second time; and nothing is written
            // below a reparse point, wherever it leads.
            bool isBelow = notDescended.Contains(entry.Path.Parent);
            bool isTaken = !isBelow && Plan(entry);
            if (entry.IsDirectory && (!isTaken || entry.IsReparsePoint))
                notDescended.Add(entry.Path);
        }
    }

    /// <summary>Takes an entry; false where the target cannot hold it.</summary>
    public bool Plan(MergedEntry entry)
    {
        if (Obstacle(entry) is { } obstacle)
            return Omit(entry, obstacle, isLost: true);
        if (entry.IsBroken)
            return Omit(entry, $"it is a hard link to '{entry.LinkTarget}', which no layer has", isLost: true);
        if (entry is { IsDirectory: true, IsReparsePoint: false })
            _folders.Add(entry.Path);
        else if (entry.IsReparsePoint)
            _planned.Add(new Planned(-1, 0, entry.Path, entry.Path));
        else
            _planned.Add(PlannedOf(FileOf(entry), entry.Path));
        return true;
    }

    /// <summary>Writes what was taken.</summary>
    public ExtractResult Run()
    {
        foreach (LayerPath folder in _folders)
            WriteFolder(view.Find(folder)!);
        _planned.Sort(static (left, right) => (left.Layer, left.Position, left.Content, left.Path)
            .CompareTo((right.Layer, right.Position, right.Content, right.Path)));
        for (int start = 0, end; start < _planned.Count; start = end)
        {
            int layer = _planned[start].Layer;
            end = _planned.FindIndex(start, planned => planned.Layer != layer) is >= 0 and var next ? next : _planned.Count;
            WriteLayer(layer, _planned.GetRange(start, end - start));
        }

        Finish(_folders.Select(folder => view.Find(folder)!));
        return new ExtractResult(_files, _bytes, _omissions);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Why the target cannot hold an entry; null where it can.</summary>
    protected virtual string? Obstacle(MergedEntry entry) => null;

    /// <summary>Makes a folder; those above it are made.</summary>
    protected abstract void WriteFolder(MergedEntry folder);

    /// <summary>Writes a file with its content.</summary>
    protected abstract void WriteFile(MergedEntry file, Stream content);

    /// <summary>Writes another name of a file that was written.</summary>
    protected abstract void WriteName(MergedEntry file, MergedEntry first);

    /// <summary>Makes a symbolic link; false where the target has none.</summary>
    protected abstract bool WriteLink(MergedEntry link, string target);

    /// <summary>Ends the work, all folders at hand in the order in which they were made.</summary>
    protected abstract void Finish(IEnumerable<MergedEntry> folders);

    /// <summary>Closes what the extraction holds open.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    private void WriteLayer(int layer, List<Planned> planned)
    {
        if (layer < 0)
        {
            foreach (Planned link in planned)
                WriteLink(view.Find(link.Path)!);
            return;
        }

        using ContentPass pass = view.Layers[layer].OpenPass();
        (Planned Plan, MergedEntry Entry)? first = null;
        foreach (Planned next in planned)
        {
            cancellationToken.ThrowIfCancellationRequested();
            MergedEntry entry = view.Find(next.Path)!;
            // Names of one file follow each other: the first is read from the layer, the others from the first. Position alone does not
            // tell: a folder's entries have none.
            if (first is { } same && same.Plan.Position == next.Position && same.Plan.Content == next.Content)
            {
                WriteName(entry, same.Entry);
            }
            else
            {
                using OpenContent content = pass.Open(next.Content, next.Position);
                WriteFile(entry, content.Data);
                first = (next, entry);
            }

            _files++;
            _bytes += entry.Size;
            progress?.Report(_bytes);
        }
    }

    private void WriteLink(MergedEntry entry)
    {
        if (!options.SymbolicLinks)
            Omit(entry, "it is a reparse point", isLost: false);
        else if (_links.TryResolve(entry.Path, entry.Metadata.Reparse!, out string reason) is not { } target)
            Omit(entry, reason, isLost: false);
        else if (!WriteLink(entry, target))
            Omit(entry, "the system makes no symbolic link here, or the name is taken", isLost: true);
    }

    // A link that its layer resolved, as unpacked layers do, has content of its own there. It is still the file that it was linked to,
    // unless a later layer has put another in that one's place.
    private MergedEntry FileOf(MergedEntry entry)
    {
        MergedEntry file = entry;
        for (int i = 0; i < MaxLinkChain && file.LinkTarget is { } target && file.ContentPath == file.Path; i++)
        {
            bool isSame = view.Find(target) is { IsDirectory: false, IsBroken: false, IsReparsePoint: false } next
                && next.Layer <= entry.Layer && next.Size == entry.Size && next.Sha256 == entry.Sha256;
            if (!isSame)
                break;
            file = view.Find(target)!;
        }

        return file;
    }

    private static Planned PlannedOf(MergedEntry file, LayerPath path) =>
        new(file.ContentLayer, file.ContentPosition, file.ContentPath, path);

    private bool Omit(MergedEntry entry, string reason, bool isLost)
    {
        _omissions.Add(new ExtractOmission(entry.Path, reason, isLost));
        return false;
    }

    // Where a file's content is, and one of its names.
    private readonly record struct Planned(int Layer, long Position, LayerPath Content, LayerPath Path);
}
