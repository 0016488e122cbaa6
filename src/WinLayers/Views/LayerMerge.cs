using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Writing;

namespace WinLayers.Views;

/// <summary>Puts one layer on top of what there is.</summary>
/// <param name="layer">The layer's index, base 0.</param>
/// <param name="listing">What the layer says.</param>
/// <param name="names">The names of the layers below, which become those with this layer.</param>
/// <param name="held">The files of the layers below, to which this layer's are added.</param>
internal sealed class LayerMerge(int layer, LayerListing listing, MergedNames names, HeldFiles held)
{
    private readonly bool _isUnpacked = listing.IsUnpacked;
    private readonly TakenOverNames _takenOver = new(names.Tree);
    private readonly List<ListingEntry> _whiteouts = [];
    private readonly OpaqueDirectories _opaque = new();
    private readonly List<WaitingLink> _links = [];
    private readonly HashSet<LayerPath> _linkPaths = [];
    private bool _hasUtilityVm;

    public void Run(CancellationToken cancellationToken)
    {
        names.StartLayer();
        foreach (ListingEntry entry in listing.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Take(entry);
            }
            catch (LayerRefusedException refused)
            {
                throw refused.At(entry.Path.Value, layer: listing.Name);
            }
        }

        _takenOver.DropRest();
        foreach (ListingEntry whiteout in _whiteouts)
            names.Remove(whiteout.Path);
        foreach (LayerPath directory in _opaque.Outermost())
            names.HideBelow(layer, directory);
        ApplyLinks();
    }

    // Of a tar, removals follow everything else, and links the removals; but a Utility VM's removals count at once.
    private void Take(ListingEntry entry)
    {
        bool isInUtilityVm = entry.Path.Area is LayerArea.UtilityVm;
        if (isInUtilityVm && !_hasUtilityVm)
        {
            _hasUtilityVm = true;
            if (layer > 0)
                _takenOver.Start(_isUnpacked);
        }

        if (_takenOver.Covers(entry))
            return;
        switch (entry.Kind)
        {
            case LayerEntryKind.OpaqueDirectory:
                _opaque.Add(entry.Path);
                if (_opaque.Implied > LayerLimits.Default.ImpliedDirectories)
                    throw new LayerRefusedException(LayerRules.ImpliedDirectories,
                        $"opaque markers stand below {_opaque.Implied} directories, {LayerLimits.Default.ImpliedDirectories} are allowed");
                break;
            case LayerEntryKind.File:
                PutFile(entry, ContentOf(entry), linkTarget: null, isBroken: false);
                break;
            case LayerEntryKind.Directory:
                names.PutDirectory(layer, entry.Path, ContentOf(entry));
                break;
            case LayerEntryKind.Whiteout when _isUnpacked || isInUtilityVm:
                names.Remove(entry.Path);
                break;
            case LayerEntryKind.Whiteout:
                _whiteouts.Add(entry);
                break;
            case LayerEntryKind.HardLink when _isUnpacked:
                PutLink(entry);
                break;
            default:
                _links.Add(new WaitingLink(entry, FindBelow(entry)));
                break;
        }
    }

    // Where a link of a tar leads is decided where it stands: to what the layer brought so far, else to the nearest layer below that
    // has it. Null: to this layer, and what has neither yet may come later.
    private MergedContent? FindBelow(ListingEntry link)
    {
        bool isOwn = _linkPaths.Contains(link.LinkTarget) || names.IsFileOf(layer, link.LinkTarget);
        _linkPaths.Add(link.Path);
        return isOwn || link.Path.Area is LayerArea.UtilityVm ? null : held.FindBelow(layer, link.LinkTarget);
    }

    // A layer's links may lead to one another in any order: each is put after the one that it leads to. In a circle, they lead nowhere.
    private void ApplyLinks()
    {
        Dictionary<LayerPath, WaitingLink> ahead = [];
        foreach (WaitingLink link in _links)
            ahead[link.Entry.Path] = link;
        Stack<WaitingLink> chain = new();
        foreach (WaitingLink link in _links)
        {
            for (WaitingLink? next = link; next is not null && ahead.Remove(next.Entry.Path);)
            {
                chain.Push(next);
                bool isResolved = next.Below is not null || names.IsFileOf(layer, next.Entry.LinkTarget);
                next = isResolved ? null : ahead.GetValueOrDefault(next.Entry.LinkTarget);
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

    private void PutLink(ListingEntry entry)
    {
        MergedContent? found = entry.IsResolvedLink ? ContentOf(entry) : FindHere(entry);
        MergedContent content = found ?? new MergedContent { Layer = -1, Metadata = Held(entry.Metadata) };

        // In an unpacked layer the name itself leads to the content; in a tar the entry of the file does.
        if (_isUnpacked && found is not null)
            (content.Layer, content.Path) = (layer, null);
        PutFile(entry, content, entry.LinkTarget.Value, isBroken: found is null);
    }

    // What a link leads to in the view as it is now; null where that is no file of this layer. In the Utility VM, what was taken over
    // counts as the layer's own.
    private MergedContent? FindHere(ListingEntry link)
    {
        int target = names.Tree.Find(link.LinkTarget);
        if (target == NameTree.None)
            return null;
        MergedItem item = names.Tree[target];
        if (item.IsDirectory || item.IsBroken || (item.Layer != layer && link.Path.Area is not LayerArea.UtilityVm))
            return null;
        item.Content.Path ??= link.LinkTarget.Value;
        return item.Content;
    }

    private void PutFile(ListingEntry entry, MergedContent content, string? linkTarget, bool isBroken)
    {
        names.PutFile(layer, entry.Path, content, linkTarget, isBroken);
        if (!isBroken)
            held.Hold(entry.Path, content);
    }

    private MergedContent ContentOf(ListingEntry entry) => new()
    {
        Layer = layer,
        Position = entry.Position,
        Size = entry.Size,
        Metadata = Held(entry.Metadata),
        Sha256 = entry.Sha256,
        Streams = entry.Streams.Count > 0 ? entry.Streams : null,
    };

    // A view holds everything that it lists: values that may be large, and that nobody asks of most files, stay in the layer.
    private static FileMetadata Held(FileMetadata metadata) =>
        metadata is { Security: null, ExtendedAttributes: null } ? metadata : metadata with { Security = null, ExtendedAttributes = null };

    private sealed record WaitingLink(ListingEntry Entry, MergedContent? Below);
}
