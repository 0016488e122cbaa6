using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Formats.Text;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>
/// The rules of a layer above others: whiteouts, links into parents, a changed Utility VM. Where the parents are unknown (null), what
/// depends on them is taken to be nowhere, and a Utility VM to be theirs.
/// </summary>
internal sealed class DiffAdmission : LayerAdmission
{
    private readonly IReadOnlyList<ILayerTree> _parents;
    private readonly bool _parentsKnown;
    private readonly UtilityVmAdmission _utilityVm;
    private readonly List<(LayerPath Path, EntryPlace Place)> _whiteouts = [];
    private readonly OpaqueDirectories _opaque = new();
    private readonly int _impliedLimit;

    internal DiffAdmission(
        ILayerFindings findings, IReadOnlyList<ILayerTree>? knownParents, IUtilityVmTarget utilityVm, LayerLimits? limits)
        : base(findings, limits)
    {
        _impliedLimit = (limits ?? LayerLimits.Default).ImpliedDirectories;
        _parents = knownParents ?? [];
        _parentsKnown = knownParents is not null;
        _utilityVm = new UtilityVmAdmission(findings, Placement, knownParents, utilityVm);
    }

    internal override bool HasUtilityVm => _utilityVm.IsStarted;

    /// <summary>Paths outside the Utility VM to remove. Ask after <see cref="Complete"/>.</summary>
    internal IEnumerable<LayerPath> Removals
    {
        get
        {
            foreach ((LayerPath path, _) in _whiteouts)
                yield return path;
            foreach (LayerPath directory in _opaque.Outermost())
            {
                if (directory.Area is not LayerArea.UtilityVm)
                {
                    foreach (LayerPath path in OpaqueRemovals.Of(directory, Names, _parents))
                        yield return path;
                }
            }
        }
    }

    internal override void Complete()
    {
        foreach ((LayerPath path, EntryPlace place) in _whiteouts)
            CheckOwn(path, place);
        foreach (LayerPath directory in _opaque.Outermost())
        {
            if (directory.Area is LayerArea.UtilityVm)
                _utilityVm.RemoveInherited(directory);
        }

        Links.Complete(Names);
    }

    private protected override EntryStep Admit(LayerEntry entry, EntryPlace place)
    {
        if (!ReservedName(entry.Path, place))
            return EntryStep.Nothing;
        bool inUtilityVm = entry.Path.Area is LayerArea.UtilityVm;
        return entry.Kind switch
        {
            LayerEntryKind.Whiteout => inUtilityVm ? _utilityVm.Remove(entry, place) : AddWhiteout(entry, place),
            LayerEntryKind.OpaqueDirectory => AddOpaque(entry, place),
            LayerEntryKind.HardLink => AddLink(entry, place),
            _ => inUtilityVm ? _utilityVm.Place(entry, place) : Placement.Place(entry, place),
        };
    }

    // A directory that the layer leaves out is one that a parent has; nothing may be put below a reparse point there either.
    private protected override bool MayImply(LayerPath directory, EntryPlace place)
    {
        if (_parents.FindNearest(directory) is not { Node.IsReparsePoint: true, Node.IsDirectory: true })
            return true;
        Findings.Refuse(LayerRules.ThroughReparsePoint, place, $"'{directory}' is a reparse point in a layer below");
        return false;
    }

    private bool ReservedName(LayerPath path, EntryPlace place)
    {
        if (NtfsNames.Equal(path.Value, LayerFolderNames.Tombstones))
        {
            Findings.Refuse(
                LayerRules.MarkerName, place,
                $"'{path.Name}' is the list of removals of a folder that Windows exported, and removals in a layer's tar are whiteouts: " +
                    "the tar was packed of such a folder as it stood, and has to be exported from it");
            return false;
        }

        if (!path.Value.Contains(LayerFolderNames.DirectoryMarker, StringComparison.OrdinalIgnoreCase))
            return true;
        Findings.Refuse(LayerRules.MarkerName, place, $"'{path.Name}' has a meaning of its own in the transport folder");
        return false;
    }

    private EntryStep AddWhiteout(LayerEntry entry, EntryPlace place)
    {
        if (!entry.Path.IsBelow(LayerRoots.FilesPath))
        {
            Findings.Refuse(LayerRules.WhiteoutOutside, place, $"'{entry.Path}' is not below Files");
            return EntryStep.Nothing;
        }

        if (Findings.WantsReports && _parentsKnown && _parents.FindNearest(entry.Path) is null)
            Findings.Report(LayerRules.WhiteoutOfNothing, place, $"'{entry.Path}' is in none of the layers below");
        _whiteouts.Add((entry.Path, place));
        return EntryStep.Nothing;
    }

    private EntryStep AddOpaque(LayerEntry entry, EntryPlace place)
    {
        bool inUtilityVm = entry.Path.Area is LayerArea.UtilityVm;
        LayerPath root = inUtilityVm ? LayerRoots.UtilityVmFilesPath : LayerRoots.FilesPath;
        if (entry.Path != root && !entry.Path.IsBelow(root))
        {
            Findings.Refuse(LayerRules.WhiteoutOutside, place, $"'{entry.Path}' is not Files or below it");
            return EntryStep.Nothing;
        }

        if (inUtilityVm && !_utilityVm.Start(entry: null, place))
            return EntryStep.Nothing;
        Findings.Report(LayerRules.OpaqueDirectory, place, $"'{entry.Path}' is marked opaque");
        _opaque.Add(entry.Path);
        if (_opaque.Implied > _impliedLimit)
            Findings.Refuse(LayerRules.ImpliedDirectories, place,
                $"opaque markers stand below {_opaque.Implied} directories, {_impliedLimit} are allowed");
        return EntryStep.Nothing;
    }

    private void CheckOwn(LayerPath path, EntryPlace place)
    {
        if (Names.Find(path) is not { } own || own.Kind is NameKind.Link)
            return;
        if (own.IsDirectory)
        {
            Findings.Refuse(LayerRules.WhiteoutOfOwnDirectory, place, $"the layer adds the directory '{path}' and removes it");
            return;
        }

        own.Marks |= NameMarks.WhitedOut;
        Findings.Report(LayerRules.WhiteoutOfOwnFile, place, $"the layer adds the file '{path}' and removes it");
    }

    private EntryStep AddLink(LayerEntry entry, EntryPlace place)
    {
        bool inUtilityVm = entry.Path.Area is LayerArea.UtilityVm;
        LayerPath root = inUtilityVm ? LayerRoots.UtilityVmFilesPath : LayerRoots.FilesPath;
        if (!entry.Path.IsBelow(root) || !entry.LinkTarget.IsBelow(root))
        {
            Findings.Refuse(LayerRules.LinkOutside, place, LayerRules.DescribeOutside(entry));
            return EntryStep.Nothing;
        }

        if (inUtilityVm && !_utilityVm.RequireStarted(place))
            return EntryStep.Nothing;
        if (!ResolveTarget(entry, inUtilityVm, place, out NameNode? target, out ILayerTree? from))
            return EntryStep.Nothing;
        if (PlaceLink(entry, place) is { } node)
            Links.Add(new PendingLink(entry.Path, entry.LinkTarget, from, place) { Deferred = target is null && from is null }, node,
                target);
        return EntryStep.Nothing;
    }

    private bool ResolveTarget(LayerEntry entry, bool inUtilityVm, EntryPlace place, out NameNode? own, out ILayerTree? from)
    {
        from = null;
        own = Names.Find(entry.LinkTarget);
        bool isDirectory = own is { IsDirectory: true };
        if (own is not null && entry.LinkTarget == entry.Path)
        {
            Findings.Refuse(LayerRules.LinkLoop, place, "the link leads to itself");
            return false;
        }

        if (own is null && !inUtilityVm && _parents.FindNearest(entry.LinkTarget) is { } found)
        {
            from = found.Tree;
            isDirectory = found.Node.IsDirectory;
        }

        if (isDirectory)
            Findings.Refuse(LayerRules.LinkToDirectory, place, $"its target '{entry.LinkTarget}' is a directory");
        return !isDirectory;
    }

    private NameNode? PlaceLink(LayerEntry entry, EntryPlace place)
    {
        if (Placement.EnterParent(entry.Path, place) is not { } parent)
            return null;
        if (Names.Find(parent, entry.Path.Name) is not { } present)
            return Names.Add(parent, entry.Path.Name, NameKind.Link, NameMarks.None);
        if (present.Kind is not NameKind.File)
        {
            Placement.RefuseDuplicate(present, place);
            return null;
        }

        // The link is made after the import and takes the file's place, as the reference has it.
        if (!present.Has(NameMarks.Inherited))
            Findings.Report(LayerRules.LinkOverFile, place, $"the file '{entry.Path}' of this layer loses its place to the link");
        present.Kind = NameKind.Link;
        present.Marks = NameMarks.None;
        return present;
    }
}
