using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Formats.Text;
using WinLayers.Transport;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>
/// The rules of a layer above others: whiteouts, links into parents, a changed Utility VM. Where the parents are unknown (null), what
/// depends on them is taken to be nowhere, and a Utility VM to be theirs.
/// </summary>
internal sealed class DiffAdmission(ILayerFindings findings, IReadOnlyList<ILayerTree>? knownParents, IUtilityVmTarget utilityVm) : LayerAdmission(findings)
{
    private readonly IReadOnlyList<ILayerTree> _parents = knownParents ?? [];
    private readonly List<(LayerPath Path, EntryPlace Place)> _whiteouts = [];
    private readonly OpaqueDirectories _opaque = new();
    private bool _hasUtilityVm;

    internal override bool HasUtilityVm => _hasUtilityVm;

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
                RemoveInherited(directory);
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
            LayerEntryKind.Whiteout => inUtilityVm ? RemoveFromUtilityVm(entry, place) : AddWhiteout(entry, place),
            LayerEntryKind.OpaqueDirectory => AddOpaque(entry, place),
            LayerEntryKind.HardLink => AddLink(entry, place),
            _ => inUtilityVm ? PlaceInUtilityVm(entry, place) : Place(entry, place),
        };
    }

    // A directory that the layer leaves out is one that a parent has; nothing may be put below a reparse point there either.
    private protected override bool MayImply(LayerPath directory, EntryPlace place)
    {
        if (FindInParents(directory) is not { Node.IsReparsePoint: true, Node.IsDirectory: true })
            return true;
        Findings.Refuse(LayerRules.ThroughReparsePoint, place, $"'{directory}' is a reparse point in a layer below");
        return false;
    }

    private bool ReservedName(LayerPath path, EntryPlace place)
    {
        bool reserved = path.Value.Contains(LayerFolderNames.DirectoryMarker, StringComparison.OrdinalIgnoreCase)
            || NtfsNames.Equal(path.Value, LayerFolderNames.Tombstones);
        if (reserved)
            Findings.Refuse(LayerRules.MarkerName, place, $"'{path.Name}' has a meaning of its own in the transport folder");
        return !reserved;
    }

    private EntryStep AddWhiteout(LayerEntry entry, EntryPlace place)
    {
        if (!entry.Path.IsBelow(LayerRoots.FilesPath))
        {
            Findings.Refuse(LayerRules.WhiteoutOutside, place, $"'{entry.Path}' is not below Files");
            return EntryStep.Nothing;
        }

        if (Findings.WantsReports && knownParents is not null && FindInParents(entry.Path) is null)
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

        if (inUtilityVm && !StartUtilityVm(entry: null, place))
            return EntryStep.Nothing;
        Findings.Report(LayerRules.OpaqueDirectory, place, $"'{entry.Path}' is marked opaque");
        _opaque.Add(entry.Path);
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
            Findings.Refuse(LayerRules.LinkOutside, place, $"the link leads from '{entry.Path}' to '{entry.LinkTarget}'");
            return EntryStep.Nothing;
        }

        if (inUtilityVm && !UtilityVmStarted(place))
            return EntryStep.Nothing;
        if (!ResolveTarget(entry, inUtilityVm, place, out NameNode? target, out ILayerTree? from))
            return EntryStep.Nothing;
        if (PlaceLink(entry, place) is { } node)
            Links.Add(new PendingLink(entry.Path, entry.LinkTarget, from, place) { Deferred = target is null && from is null }, node, target);
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

        if (own is null && !inUtilityVm && FindInParents(entry.LinkTarget) is { } found)
        {
            from = found.Parent;
            isDirectory = found.Node.IsDirectory;
        }

        if (isDirectory)
            Findings.Refuse(LayerRules.LinkToDirectory, place, $"its target '{entry.LinkTarget}' is a directory");
        return !isDirectory;
    }

    private NameNode? PlaceLink(LayerEntry entry, EntryPlace place)
    {
        if (EnterParent(entry.Path, place) is not { } parent)
            return null;
        if (Names.Find(parent, entry.Path.Name) is not { } present)
            return Names.Add(parent, entry.Path.Name, NameKind.Link, NameMarks.None);
        if (present.Kind is not NameKind.File)
        {
            RefuseDuplicate(present, place);
            return null;
        }

        // The link is made after the import and takes the file's place, as the reference has it.
        if (!present.Has(NameMarks.Inherited))
            Findings.Report(LayerRules.LinkOverFile, place, $"the file '{entry.Path}' of this layer loses its place to the link");
        present.Kind = NameKind.Link;
        present.Marks = NameMarks.None;
        return present;
    }

    private EntryStep PlaceInUtilityVm(LayerEntry entry, EntryPlace place)
    {
        if (entry.Path == LayerRoots.UtilityVmPath)
            return AddUtilityVm(entry, place);
        if (!UtilityVmStarted(place))
            return EntryStep.Nothing;
        if (entry.Path != LayerRoots.UtilityVmFilesPath && !entry.Path.IsBelow(LayerRoots.UtilityVmFilesPath))
        {
            Findings.Refuse(LayerRules.UtilityVmShape, place, $"'{entry.Path}' is not below UtilityVM\\Files");
            return EntryStep.Nothing;
        }

        if (Names.Find(entry.Path) is not { } present || !present.Has(NameMarks.Inherited))
            return Place(entry, place);
        NameKind kind = KindOf(entry);
        if (kind == present.Kind && present.IsDirectory)
            return UpdateDirectory(present, kind, place);
        if (entry.Path == LayerRoots.UtilityVmFilesPath)
            return RefuseDuplicate(present, place);
        Names.Remove(present);
        Names.Add(present.Parent, entry.Path.Name, kind, NameMarks.None);
        return EntryStep.Replace;
    }

    private EntryStep RemoveFromUtilityVm(LayerEntry entry, EntryPlace place)
    {
        if (!entry.Path.IsBelow(LayerRoots.UtilityVmFilesPath))
        {
            Findings.Refuse(LayerRules.WhiteoutOutside, place, $"'{entry.Path}' is not below UtilityVM\\Files");
            return EntryStep.Nothing;
        }

        if (!StartUtilityVm(entry: null, place))
            return EntryStep.Nothing;
        if (Names.Find(entry.Path) is not { } node || node.Kind is NameKind.Link)
        {
            Findings.Refuse(LayerRules.UtilityVmWhiteoutOfNothing, place, $"'{entry.Path}' is not in the Utility VM");
            return EntryStep.Nothing;
        }

        Names.Remove(node);
        return EntryStep.Remove;
    }

    private EntryStep AddUtilityVm(LayerEntry entry, EntryPlace place)
    {
        if (entry.Kind is not LayerEntryKind.Directory || entry.Metadata.Reparse is not null)
        {
            Findings.Refuse(LayerRules.UtilityVmShape, place, "UtilityVM is not a plain directory");
            return EntryStep.Nothing;
        }

        if (!_hasUtilityVm)
        {
            StartUtilityVm(entry, place);
            return EntryStep.Nothing;
        }

        NameNode present = Names.Find(LayerRoots.UtilityVmPath)!.Value;
        return present.Has(NameMarks.Implied) ? UpdateDirectory(present, NameKind.Directory, place) : RefuseDuplicate(present, place);
    }

    private bool UtilityVmStarted(EntryPlace place)
    {
        if (!_hasUtilityVm)
            Findings.Refuse(LayerRules.UtilityVmMissing, place, "there is no entry for UtilityVM before it");
        return _hasUtilityVm;
    }

    /// <summary>Takes over the nearest parent's Utility VM, which the layer's entries then change.</summary>
    private bool StartUtilityVm(LayerEntry? entry, EntryPlace place)
    {
        if (_hasUtilityVm)
            return true;
        (ILayerTree Parent, VolumeNode Node)? source = FindInParents(LayerRoots.UtilityVmFilesPath);
        if (knownParents is not null && source is not { Node: { IsDirectory: true, IsReparsePoint: false } })
        {
            Findings.Refuse(LayerRules.UtilityVmNowhere, place, "no layer below has UtilityVM\\Files");
            return false;
        }

        _hasUtilityVm = true;
        utilityVm.Start(entry);
        NameNode root = Names.Add(Names.Root, LayerRoots.UtilityVmPath.Value, NameKind.Directory, entry is null ? NameMarks.Implied : NameMarks.None);
        if (source is { } nearest)
            Inherit(nearest.Parent, nearest.Node with { Path = LayerRoots.UtilityVmFilesPath }, root);
        else
            Names.Add(root, LayerRoots.UtilityVmFilesPath.Name, NameKind.Directory, NameMarks.Inherited);
        utilityVm.Started();
        return true;
    }

    // With a stack of its own: how deep a parent goes is not for this process to fear.
    private void Inherit(ILayerTree parent, VolumeNode files, NameNode root)
    {
        var ahead = new Stack<(VolumeNode Node, NameNode Directory)>([(files, root)]);
        var children = new List<VolumeNode>();
        while (ahead.TryPop(out (VolumeNode Node, NameNode Directory) next))
        {
            VolumeNode node = next.Node;
            utilityVm.Inherit(parent, node);
            NameKind kind = !node.IsDirectory ? NameKind.File : node.IsReparsePoint ? NameKind.ReparseDirectory : NameKind.Directory;
            NameNode name = Names.Add(next.Directory, node.Path.Name, kind, NameMarks.Inherited);
            if (kind is not NameKind.Directory)
                continue;
            children.Clear();
            children.AddRange(parent.Enumerate(node.Path));
            for (int i = children.Count - 1; i >= 0; i--)
                ahead.Push((children[i], name));
        }
    }

    // From the leaves up it shows which directories hold something of the layer's own and have to stay; from the top down the others go
    // whole.
    private void RemoveInherited(LayerPath directory)
    {
        if (Names.Find(directory) is not { } start)
            return;
        var nodes = new List<NameNode> { start };
        for (int i = 0; i < nodes.Count; i++)
            nodes.AddRange(nodes[i].Children);
        for (int i = nodes.Count - 1; i > 0; i--)
        {
            if (Stays(nodes[i]) && nodes[i].Parent is var parent)
                parent.Marks |= NameMarks.HoldsOwn;
        }

        for (int i = 1; i < nodes.Count; i++)
        {
            NameNode parent = nodes[i].Parent;
            if (Stays(nodes[i]) || (parent.Id != start.Id && !Stays(parent)))
                continue;
            LayerPath path = nodes[i].ToPath();
            Names.Remove(nodes[i]);
            utilityVm.Remove(path);
        }

        static bool Stays(NameNode node) => !node.Has(NameMarks.Inherited) || node.Has(NameMarks.HoldsOwn);
    }

    private (ILayerTree Parent, VolumeNode Node)? FindInParents(LayerPath path)
    {
        foreach (ILayerTree parent in _parents)
        {
            if (parent.Find(path) is { } node)
                return (parent, node);
        }

        return null;
    }
}
