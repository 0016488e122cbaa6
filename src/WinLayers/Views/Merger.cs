using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Formats.Text;
using WinLayers.Writing;

namespace WinLayers.Views;

/// <summary>Puts one layer after the other on top of what there is.</summary>
internal sealed class Merger
{
    // Every file that any layer so far has, removed or not, with its uppermost content: Windows looks for a link's target in the
    // folders of the layers, nearest first, not in the merged view.
    private readonly NameTree _held = new();
    private readonly ChunkedList<MergedContent> _heldContents = new();

    // What an unpacked layer is to list first of its Utility VM: the one below that it took over, in the order of a walk.
    private readonly Queue<int> _takenOver = new();

    private int _layer;
    private bool _isUnpacked;
    private bool _hasUtilityVm;

    public Merger() => Items.Add(new MergedItem { IsDirectory = true, Layer = -1, Content = { Layer = -1 } });

    public NameTree Names { get; } = new();

    public ChunkedList<MergedItem> Items { get; } = new();

    public void Apply(int layer, LayerListing listing, CancellationToken cancellationToken)
    {
        _layer = layer;
        _isUnpacked = listing.IsUnpacked;
        _hasUtilityVm = false;
        List<ListingEntry> whiteouts = [];
        OpaqueDirectories opaque = new();
        List<WaitingLink> links = [];
        HashSet<LayerPath> linkPaths = [];
        foreach (ListingEntry entry in listing.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isWhiteout = entry.Kind is LayerEntryKind.Whiteout;
            bool isInUtilityVm = entry.Path.Area is LayerArea.UtilityVm;
            if (isInUtilityVm && !_hasUtilityVm)
                StartUtilityVm();
            if (_takenOver.Count > 0 && entry.Path != LayerRoots.UtilityVmPath && IsTakenOver(entry))
                continue;
            if (entry.Kind is LayerEntryKind.OpaqueDirectory)
                opaque.Add(entry.Path);
            else if (_isUnpacked || (isWhiteout && isInUtilityVm) || entry.Kind is LayerEntryKind.File or LayerEntryKind.Directory)
                Apply(entry);
            else if (isWhiteout)
                whiteouts.Add(entry);
            else
                links.Add(new WaitingLink(entry, FindBelow(entry, linkPaths)));
        }

        DropTakenOver();
        foreach (ListingEntry whiteout in whiteouts)
            Apply(whiteout);
        foreach (LayerPath directory in opaque.Outermost())
            HideBelow(Names.Find(directory));
        ApplyLinks(links);
    }

    private void Apply(ListingEntry entry)
    {
        switch (entry.Kind)
        {
            case LayerEntryKind.File:
                PutFile(entry, ContentOf(entry), linkTarget: null, isBroken: false);
                break;
            case LayerEntryKind.Directory:
                PutDirectory(entry);
                break;
            case LayerEntryKind.HardLink:
                PutLink(entry);
                break;
            case LayerEntryKind.Whiteout:
                if (Names.Find(entry.Path) is var gone and not (NameTree.None or NameTree.Root))
                    Names.Retire(gone);
                break;
        }
    }

    // Where a link of a tar leads is decided where it stands: to what the layer brought so far, else to the nearest layer below that
    // has it. Null: to this layer, and what has neither yet may come later.
    private MergedContent? FindBelow(ListingEntry link, HashSet<LayerPath> linkPaths)
    {
        bool isOwn = linkPaths.Contains(link.LinkTarget) || IsOwnFile(link.LinkTarget);
        linkPaths.Add(link.Path);
        if (isOwn || link.Path.Area is LayerArea.UtilityVm)
            return null;
        int held = _held.Find(link.LinkTarget);
        if (held is NameTree.None or NameTree.Root || _heldContents.Reach(held) is not { Metadata: not null } content || content.Layer == _layer)
            return null;
        content.Path ??= link.LinkTarget.Value;
        return content;
    }

    // A layer's links may lead to one another in any order: each is put after the one that it leads to. In a circle, they lead nowhere.
    private void ApplyLinks(List<WaitingLink> links)
    {
        Dictionary<LayerPath, WaitingLink> ahead = [];
        foreach (WaitingLink link in links)
            ahead[link.Entry.Path] = link;
        Stack<WaitingLink> chain = new();
        foreach (WaitingLink link in links)
        {
            for (WaitingLink? next = link; next is not null && ahead.Remove(next.Entry.Path);)
            {
                chain.Push(next);
                next = next.Below is not null || IsOwnFile(next.Entry.LinkTarget) ? null : ahead.GetValueOrDefault(next.Entry.LinkTarget);
            }

            while (chain.TryPop(out WaitingLink? due))
            {
                if (due.Below is { } content)
                    PutFile(due.Entry, content, due.Entry.LinkTarget.Value, isBroken: false);
                else
                    PutLink(due.Entry);
            }
        }
    }

    private bool IsOwnFile(LayerPath path) =>
        Names.Find(path) is var node and not NameTree.None && Items[node].Layer == _layer && !Items[node].IsDirectory;

    private void PutLink(ListingEntry entry)
    {
        MergedContent content;
        bool isBroken = false;
        if (entry.IsResolvedLink)
        {
            content = ContentOf(entry);
        }
        else
        {
            int target = Names.Find(entry.LinkTarget);
            isBroken = target == NameTree.None || Items[target].IsDirectory || Items[target].IsBroken
                || (Items[target].Layer != _layer && entry.Path.Area is not LayerArea.UtilityVm);
            content = isBroken ? new MergedContent { Layer = -1, Metadata = entry.Metadata } : Items[target].Content;
            if (!isBroken)
                content.Path ??= entry.LinkTarget.Value;
        }

        // In an unpacked layer the name itself leads to the content; in a tar the entry of the file does.
        if (_isUnpacked && !isBroken)
            (content.Layer, content.Path) = (_layer, null);
        PutFile(entry, content, entry.LinkTarget.Value, isBroken);
    }

    private void PutFile(ListingEntry entry, MergedContent content, string? linkTarget, bool isBroken)
    {
        int node = Replace(entry.Path);
        Items[node] = new MergedItem { Content = content, LinkTarget = linkTarget, Layer = _layer, TouchedBy = _layer, IsBroken = isBroken };
        if (!isBroken)
            Hold(entry.Path, content);
    }

    private void PutDirectory(ListingEntry entry)
    {
        if (entry.Path.IsRoot)
            return;
        int node = Names.Find(entry.Path);

        // A reparse point hides what the layers below have in the directory, and a directory does not show through a file.
        bool stays = node != NameTree.None && Items[node].IsDirectory && entry.Metadata.Reparse is null;
        if (!stays)
            node = Replace(entry.Path);
        else if (Items[node].Layer >= 0 || Items[node].TouchedBy != _layer)
            Names.Respell(node, Spelled(Names.ParentOf(node), entry.Path.Name));
        Items.Reach(node) = new MergedItem { Content = ContentOf(entry), Layer = _layer, TouchedBy = _layer, IsDirectory = true };
        TouchAbove(node);
    }

    private MergedContent ContentOf(ListingEntry entry) => new()
    {
        Layer = _layer,
        Position = entry.Position,
        Size = entry.Size,
        Metadata = entry.Metadata,
        Sha256 = entry.Sha256,
        Streams = entry.Streams.Count > 0 ? entry.Streams : null,
    };

    // A fresh node at the path, its directories made where no layer has them.
    private int Replace(LayerPath path)
    {
        int parent = NameTree.Root;
        ReadOnlySpan<char> value = path.Value;
        int end = value.LastIndexOf('\\');
        if (end >= 0)
        {
            foreach (Range part in value[..end].Split('\\'))
                parent = EnterOrMake(parent, value[part]);
        }

        ReadOnlySpan<char> name = value[(end + 1)..];
        int before = Names.Find(parent, name);
        if (before != NameTree.None)
            Names.Retire(before);
        int node = Names.Add(parent, Spelled(parent, name));
        Items.Reach(node) = default;
        TouchAbove(node);
        return node;
    }

    private int EnterOrMake(int parent, ReadOnlySpan<char> name)
    {
        int node = Names.Find(parent, name);
        if (node != NameTree.None && Items[node].IsDirectory)
            return node;
        if (node != NameTree.None)
            Names.Retire(node);
        node = Names.Add(parent, Spelled(parent, name));
        Items.Reach(node) = new MergedItem { IsDirectory = true, Layer = -1, TouchedBy = _layer, Content = { Layer = -1 } };
        return node;
    }

    // The layer's roots have one spelling on the disk, whatever a tar says; so has a directory that its layer made before its entry came.
    private static ReadOnlySpan<char> Spelled(int parent, ReadOnlySpan<char> name)
    {
        if (parent == NameTree.Root)
        {
            foreach (string root in LayerRoots.All)
            {
                if (NtfsNames.Equal(root, name))
                    return root;
            }
        }

        return name;
    }

    private void TouchAbove(int node)
    {
        for (int at = Names.ParentOf(node); at > NameTree.Root && Items[at].TouchedBy != _layer; at = Names.ParentOf(at))
            Items[at].TouchedBy = _layer;
    }

    private void Hold(LayerPath path, MergedContent content)
    {
        int node = NameTree.Root;
        ReadOnlySpan<char> value = path.Value;
        foreach (Range part in path.Components)
        {
            int child = _held.Find(node, value[part]);
            node = child == NameTree.None ? _held.Add(node, value[part]) : child;
        }

        _heldContents.Reach(node) = content;
    }

    // What the layers below have in a directory goes; what this layer has in it stays.
    private void HideBelow(int directory)
    {
        if (directory == NameTree.None)
            return;
        Stack<int> ahead = new([directory]);
        while (ahead.TryPop(out int next))
        {
            foreach (int child in Names.Children(next))
            {
                if (Items[child].TouchedBy != _layer)
                    Names.Retire(child);
                else if (Items[child].IsDirectory)
                    ahead.Push(child);
            }
        }
    }

    // A layer's changes of the Utility VM go over a copy of the Files of the nearest one below. A tar has the changes alone, an unpacked
    // layer
    // the copy before them; either way a file that was taken over is the lower layer's.
    private void StartUtilityVm()
    {
        _hasUtilityVm = true;
        int before = Names.Find(LayerRoots.UtilityVmPath);
        if (before == NameTree.None || _layer == 0)
            return;
        foreach (int child in Names.Children(before))
        {
            if (!NtfsNames.Equal(Names.NameOf(child), LayerRoots.Files))
                Names.Retire(child);
        }

        Stack<int> ahead = new(_isUnpacked ? Names.Children(before) : []);
        while (ahead.TryPop(out int node))
        {
            _takenOver.Enqueue(node);
            List<int> children = Names.SortedChildren(node);
            for (int i = children.Count - 1; i >= 0; i--)
                ahead.Push(children[i]);
        }
    }

    private bool IsTakenOver(ListingEntry entry)
    {
        if (entry.Kind is not LayerEntryKind.Whiteout && LayerPath.FromValue(Names.PathOf(_takenOver.Peek())) == entry.Path)
        {
            _takenOver.Dequeue();
            return true;
        }

        DropTakenOver();
        return false;
    }

    // The layer was made over other layers than these: what it does not list it does not have.
    private void DropTakenOver()
    {
        while (_takenOver.TryDequeue(out int node))
        {
            if (Names.Find(LayerPath.FromValue(Names.PathOf(node))) == node)
                Names.Retire(node);
        }
    }

    private sealed record WaitingLink(ListingEntry Entry, MergedContent? Below);
}
