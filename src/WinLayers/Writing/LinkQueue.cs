using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>A hard link that is still to be made.</summary>
internal sealed class PendingLink(LayerPath path, LayerPath target, ILayerTree? from, EntryPlace place)
{
    internal LayerPath Path { get; } = path;

    internal LayerPath Target { get; } = target;

    /// <summary>The parent that has the target; null for this layer itself.</summary>
    internal ILayerTree? From { get; } = from;

    internal EntryPlace Place { get; } = place;

    /// <summary>Whether the target was nowhere yet when the link came.</summary>
    internal bool Deferred { get; init; }

    /// <summary>The link of this layer that is the target, where it is one.</summary>
    internal PendingLink? DependsOn { get; set; }

    internal LinkState State { get; set; }
}

internal enum LinkState : byte
{
    Waiting,
    OnTheWay,
    Placed,
}

/// <summary>The links of a layer that wait for the end, and the order in which they can be made.</summary>
internal sealed class LinkQueue(ILayerFindings findings)
{
    private readonly List<PendingLink> _links = [];
    private readonly Dictionary<int, PendingLink> _byNode = [];

    /// <summary>The links in an order in which they can be made: tar order, but after the link that they lead to.</summary>
    internal IReadOnlyList<PendingLink> Ordered { get; private set; } = [];

    internal void Add(PendingLink link, NameNode node, NameNode? target)
    {
        if (target is { } known)
            link.DependsOn = _byNode.GetValueOrDefault(known.Id);
        _links.Add(link);
        _byNode[node.Id] = link;
    }

    /// <summary>Whether the name is a link that is not made yet.</summary>
    internal bool IsPending(NameNode node) => _byNode.ContainsKey(node.Id);

    /// <summary>Resolves what is left against the whole layer, and orders the links.</summary>
    internal void Complete(LayerNames names)
    {
        var possible = new List<PendingLink>(_links.Count);
        foreach (PendingLink link in _links)
        {
            if (link.From is not null || ResolveHere(link, names))
                possible.Add(link);
        }

        Ordered = Order(possible);
    }

    private bool ResolveHere(PendingLink link, LayerNames names)
    {
        if (names.Find(link.Target) is not { } target)
            return Refuse(LayerRules.LinkToNothing, link, $"its target '{link.Target}' is in no layer");
        if (target.IsDirectory)
            return Refuse(LayerRules.LinkToDirectory, link, $"its target '{link.Target}' is a directory");
        if (target.Kind is NameKind.File && target.Has(NameMarks.WhitedOut))
            return Refuse(LayerRules.LinkToNothing, link, $"its target '{link.Target}' is removed again by a whiteout of this layer");
        if (names.Find(link.Path) is not { Kind: NameKind.Link })
            return Refuse(LayerRules.NotADirectory, link, "the directory it lies in is removed or replaced again");
        if (link.Deferred)
        {
            findings.Report(LayerRules.LinkOrder, link.Place, $"its target '{link.Target}' comes later");
            link.DependsOn = _byNode.GetValueOrDefault(target.Id);
        }

        return true;
    }

    // Every link leads to one target, so the way from a link is a chain; a chain that meets itself is a loop.
    private List<PendingLink> Order(List<PendingLink> links)
    {
        var ordered = new List<PendingLink>(links.Count);
        var chain = new Stack<PendingLink>();
        foreach (PendingLink first in links)
        {
            PendingLink? link = first;
            while (link is { State: LinkState.Waiting })
            {
                link.State = LinkState.OnTheWay;
                chain.Push(link);
                link = link.DependsOn;
            }

            if (link is { State: LinkState.OnTheWay })
                Refuse(LayerRules.LinkLoop, link, $"its target '{link.Target}' is a link that leads back to it");
            while (chain.TryPop(out PendingLink? next))
            {
                next.State = LinkState.Placed;
                ordered.Add(next);
            }
        }

        return ordered;
    }

    private bool Refuse(LayerRule rule, PendingLink link, string detail)
    {
        findings.Refuse(rule, link.Place, detail);
        return false;
    }
}
