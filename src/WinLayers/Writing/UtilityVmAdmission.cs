using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>
/// The rules of a Utility VM that a layer above others changes: it starts as that of the nearest parent, and what the layer says of it
/// counts at once.
/// </summary>
/// <param name="findings">Who hears of refusals.</param>
/// <param name="placement">The names of the layer.</param>
/// <param name="knownParents">The layers below, nearest first; null where they are unknown.</param>
/// <param name="target">Where the changes go.</param>
internal sealed class UtilityVmAdmission(
    ILayerFindings findings, NamePlacement placement, IReadOnlyList<ILayerTree>? knownParents, IUtilityVmTarget target)
{
    /// <summary>Whether the layer changes a Utility VM.</summary>
    internal bool IsStarted { get; private set; }

    private LayerNames Names => placement.Names;

    /// <summary>Takes a file or directory.</summary>
    internal EntryStep Place(LayerEntry entry, EntryPlace place)
    {
        if (entry.Path == LayerRoots.UtilityVmPath)
            return AddTop(entry, place);
        if (!RequireStarted(place))
            return EntryStep.Nothing;
        if (entry.Path != LayerRoots.UtilityVmFilesPath && !entry.Path.IsBelow(LayerRoots.UtilityVmFilesPath))
        {
            findings.Refuse(LayerRules.UtilityVmShape, place, $"'{entry.Path}' is not below UtilityVM\\Files");
            return EntryStep.Nothing;
        }

        if (Names.Find(entry.Path) is not { } present || !present.Has(NameMarks.Inherited))
            return placement.Place(entry, place);
        NameKind kind = NamePlacement.KindOf(entry);
        if (kind == present.Kind && present.IsDirectory)
            return placement.UpdateDirectory(present, kind, place);
        if (entry.Path == LayerRoots.UtilityVmFilesPath)
            return placement.RefuseDuplicate(present, place);
        Names.Remove(present);
        Names.Add(present.Parent, entry.Path.Name, kind, NameMarks.None);
        return EntryStep.Replace;
    }

    /// <summary>Takes a whiteout.</summary>
    internal EntryStep Remove(LayerEntry entry, EntryPlace place)
    {
        if (!entry.Path.IsBelow(LayerRoots.UtilityVmFilesPath))
        {
            findings.Refuse(LayerRules.WhiteoutOutside, place, $"'{entry.Path}' is not below UtilityVM\\Files");
            return EntryStep.Nothing;
        }

        if (!Start(entry: null, place))
            return EntryStep.Nothing;
        if (Names.Find(entry.Path) is not { } node || node.Kind is NameKind.Link)
        {
            findings.Refuse(LayerRules.UtilityVmWhiteoutOfNothing, place, $"'{entry.Path}' is not in the Utility VM");
            return EntryStep.Nothing;
        }

        Names.Remove(node);
        return EntryStep.Remove;
    }

    /// <summary>Refuses what comes before any entry that starts a Utility VM.</summary>
    internal bool RequireStarted(EntryPlace place)
    {
        if (!IsStarted)
            findings.Refuse(LayerRules.UtilityVmMissing, place, "there is no entry for UtilityVM before it");
        return IsStarted;
    }

    /// <summary>Takes over the nearest parent's Utility VM, which the layer's entries then change.</summary>
    internal bool Start(LayerEntry? entry, EntryPlace place)
    {
        if (IsStarted)
            return true;
        ILayerTree? source = knownParents is null ? null : UtilityVmTakeOver.SourceOf(knownParents);
        if (knownParents is not null && source is null)
        {
            findings.Refuse(LayerRules.UtilityVmNowhere, place, "no layer below has UtilityVM\\Files");
            return false;
        }

        IsStarted = true;
        target.Start(entry);
        NameNode root = Names.Add(Names.Root, LayerRoots.UtilityVm, NameKind.Directory, entry is null ? NameMarks.Implied : NameMarks.None);
        if (source is null)
            Names.Add(root, LayerRoots.Files, NameKind.Directory, NameMarks.Inherited);
        else
            Inherit(source);
        target.Started();
        return true;
    }

    /// <summary>Removes what was taken over in a directory; what the layer brought itself stays.</summary>
    internal void RemoveInherited(LayerPath directory)
    {
        // From the leaves up it shows which directories hold something of the layer's own and have to stay; from the top down the others
        // go whole.
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
            target.Remove(path);
        }

        static bool Stays(NameNode node) => !node.Has(NameMarks.Inherited) || node.Has(NameMarks.HoldsOwn);
    }

    private void Inherit(ILayerTree source)
    {
        foreach (VolumeNode node in UtilityVmTakeOver.Walk(source))
        {
            target.Inherit(source, node);
            NameKind kind = !node.IsDirectory ? NameKind.File : node.IsReparsePoint ? NameKind.ReparseDirectory : NameKind.Directory;
            Names.Add(Names.FindParent(node.Path)!.Value, node.Path.Name, kind, NameMarks.Inherited);
        }
    }

    private EntryStep AddTop(LayerEntry entry, EntryPlace place)
    {
        if (entry.Kind is not LayerEntryKind.Directory || entry.Metadata.Reparse is not null)
        {
            findings.Refuse(LayerRules.UtilityVmShape, place, "UtilityVM is not a plain directory");
            return EntryStep.Nothing;
        }

        if (!IsStarted)
        {
            Start(entry, place);
            return EntryStep.Nothing;
        }

        NameNode present = Names.Find(LayerRoots.UtilityVmPath)!.Value;
        return present.Has(NameMarks.Implied) ? placement.UpdateDirectory(present, NameKind.Directory, place)
            : placement.RefuseDuplicate(present, place);
    }
}
