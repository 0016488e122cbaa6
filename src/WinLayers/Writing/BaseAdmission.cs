using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>The rules of a layer without parents.</summary>
internal sealed class BaseAdmission(ILayerFindings findings, LayerLimits? limits) : LayerAdmission(findings, limits)
{
    internal override bool HasUtilityVm =>
        Names.Find(LayerRoots.UtilityVmPath) is { Kind: NameKind.Directory }
            && Names.Find(LayerRoots.UtilityVmFilesPath) is { Kind: NameKind.Directory };

    internal override void Complete() => Links.Complete(Names);

    private protected override EntryStep Admit(LayerEntry entry, EntryPlace place)
    {
        switch (entry.Kind)
        {
            case LayerEntryKind.File or LayerEntryKind.Directory:
                return Placement.Place(entry, place);
            case LayerEntryKind.HardLink:
                return AdmitLink(entry, place);
            default:
                Findings.Refuse(LayerRules.WhiteoutInBase, place, $"the layer has no parents, but removes '{entry.Path}'");
                return EntryStep.Nothing;
        }
    }

    private EntryStep AdmitLink(LayerEntry entry, EntryPlace place)
    {
        if (entry.Path.Area != entry.LinkTarget.Area)
        {
            Findings.Refuse(LayerRules.LinkOutside, place, LayerRules.DescribeOutside(entry));
            return EntryStep.Nothing;
        }

        if (Placement.EnterParent(entry.Path, place) is not { } parent)
            return EntryStep.Nothing;
        if (Names.Find(parent, entry.Path.Name) is { } present)
            return Placement.RefuseDuplicate(present, place);
        NameNode? target = Names.Find(entry.LinkTarget);
        if (target is { IsDirectory: true })
        {
            Findings.Refuse(LayerRules.LinkToDirectory, place, $"its target '{entry.LinkTarget}' is a directory");
            return EntryStep.Nothing;
        }

        NameNode node = Names.Add(parent, entry.Path.Name, NameKind.Link, NameMarks.None);
        var link = new PendingLink(entry.Path, entry.LinkTarget, from: null, place) { Deferred = target is null };
        if (target is { } made && !Links.IsPending(made))
        {
            Link = link;
            return EntryStep.Link;
        }

        Links.Add(link, node, target);
        // The directories it lies in are made now; the link itself waits.
        return EntryStep.Nothing;
    }
}
