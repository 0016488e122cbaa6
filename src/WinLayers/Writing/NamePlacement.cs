using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>
/// Puts entries among the names of a layer: makes the directories that are left out, and refuses what cannot stand at its path.
/// </summary>
/// <param name="findings">Who hears of refusals.</param>
/// <param name="limits">How many directories may be left out.</param>
/// <param name="mayImply">Whether a directory that no entry describes may be made; when not, it refuses the entry itself.</param>
internal sealed class NamePlacement(ILayerFindings findings, LayerLimits limits, Func<LayerPath, EntryPlace, bool> mayImply)
{
    private readonly List<LayerPath> _implied = [];
    private long _entries;
    private int _impliedCount;

    /// <summary>The names of the layer so far.</summary>
    internal LayerNames Names { get; } = new();

    /// <summary>Directories that have to be made before the entry, outermost first. Valid until the next entry.</summary>
    internal IReadOnlyList<LayerPath> ImpliedDirectories => _implied;

    /// <summary>Goes on to the next entry.</summary>
    internal void StartEntry()
    {
        _entries++;
        _implied.Clear();
    }

    /// <summary>Finds the directory that the path lies in, and notes what of it is missing. Null: refused.</summary>
    internal NameNode? EnterParent(LayerPath path, EntryPlace place)
    {
        LayerPath parent = path.Parent;
        int found = parent.Value.Length;
        NameNode node = Names.FindParent(path) ?? Names.FindDeepest(parent, out found);
        if (node.Kind is NameKind.ReparseDirectory)
        {
            findings.Refuse(LayerRules.ThroughReparsePoint, place, $"'{node.ToPath()}' is a reparse point");
            return null;
        }

        if (!node.IsDirectory)
        {
            findings.Refuse(LayerRules.NotADirectory, place, $"'{node.ToPath()}' is a file");
            return null;
        }

        return found == parent.Value.Length ? node : Imply(node, parent, found, place);
    }

    /// <summary>Adds a file or directory whose name is free, or updates an implied directory.</summary>
    internal EntryStep Place(LayerEntry entry, EntryPlace place)
    {
        if (EnterParent(entry.Path, place) is not { } parent)
            return EntryStep.Nothing;
        NameKind kind = KindOf(entry);
        if (Names.Find(parent, entry.Path.Name) is not { } present)
        {
            Names.Add(parent, entry.Path.Name, kind, NameMarks.None);
            return EntryStep.Create;
        }

        if (!present.Has(NameMarks.Implied) || kind is NameKind.File)
            return RefuseDuplicate(present, place);
        return UpdateDirectory(present, kind, place);
    }

    /// <summary>Gives a directory that stands the kind that its entry says.</summary>
    internal EntryStep UpdateDirectory(NameNode present, NameKind kind, EntryPlace place)
    {
        if (kind is NameKind.ReparseDirectory && present.HasChildren)
        {
            findings.Refuse(LayerRules.ReparsePointWithContents, place, $"'{present.ToPath()}' has contents already");
            return EntryStep.Nothing;
        }

        present.Kind = kind;
        present.Marks &= ~(NameMarks.Implied | NameMarks.Inherited);
        return EntryStep.Update;
    }

    /// <summary>Refuses an entry whose name is taken.</summary>
    internal EntryStep RefuseDuplicate(NameNode present, EntryPlace place)
    {
        findings.Refuse(LayerRules.Duplicate, place, $"'{present.ToPath()}' is there already");
        return EntryStep.Nothing;
    }

    /// <summary>What the name of a file's or directory's entry stands for.</summary>
    internal static NameKind KindOf(LayerEntry entry) =>
        entry.Kind is not LayerEntryKind.Directory ? NameKind.File
        : entry.Metadata.Reparse is null ? NameKind.Directory
        : NameKind.ReparseDirectory;

    private NameNode? Imply(NameNode node, LayerPath parent, int found, EntryPlace place)
    {
        string whole = parent.Value;
        if (!Count(whole.AsSpan(found == 0 ? 0 : found + 1).Count('\\') + 1, place))
            return null;
        findings.Report(LayerRules.MissingParent, place, $"the directory '{parent}' has no entry before it");
        while (found < whole.Length)
        {
            int start = found == 0 ? 0 : found + 1;
            int length = whole.AsSpan(start).IndexOf('\\');
            int end = length < 0 ? whole.Length : start + length;
            LayerPath directory = end == whole.Length ? parent : LayerPath.FromValue(whole[..end]);
            if (!mayImply(directory, place))
                return null;
            _implied.Add(directory);
            node = Names.Add(node, whole.AsSpan(start, end - start), NameKind.Directory, NameMarks.Implied);
            found = end;
        }

        return node;
    }

    // A name of a few hundred bytes can stand for a thousand directories.
    private bool Count(int missing, EntryPlace place)
    {
        if (_impliedCount + missing > limits.ImpliedDirectories)
        {
            findings.Refuse(LayerRules.ImpliedDirectories, place,
                $"with its own the layer leaves out {_impliedCount + missing} directories, {limits.ImpliedDirectories} are allowed");
            return false;
        }

        _impliedCount += missing;
        if (_entries + _impliedCount <= limits.Entries)
            return true;
        findings.Refuse(TarRules.EntryCount, place,
            $"with directories that it leaves out the layer has more than the {limits.Entries} entries allowed");
        return false;
    }
}
