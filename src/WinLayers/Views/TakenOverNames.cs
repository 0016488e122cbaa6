using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Formats.Text;

namespace WinLayers.Views;

/// <summary>
/// What a layer that changes the Utility VM has of it from below: the <c>Files</c> of the nearest one. A tar has the changes alone, an
/// unpacked layer the copy before them; either way a file that was taken over is the lower layer's.
/// </summary>
internal sealed class TakenOverNames(NameTree<MergedItem> names)
{
    // What an unpacked layer is to list first of its Utility VM: the one that it took over, in the order of a walk.
    private readonly Queue<int> _expected = new();

    /// <summary>Leaves of the Utility VM of the layers below what is taken over.</summary>
    /// <param name="isUnpacked">Whether the layer lists what it took over.</param>
    public void Start(bool isUnpacked)
    {
        int top = names.Find(LayerRoots.UtilityVmPath);
        if (top == NameTree.None)
            return;
        foreach (int child in names.Children(top))
        {
            if (!NtfsNames.Equal(names.NameOf(child), LayerRoots.Files))
                names.Retire(child);
        }

        if (!isUnpacked)
            return;
        foreach (int node in names.Walk(top))
            _expected.Enqueue(node);
    }

    /// <summary>Whether the entry only says once more what was taken over.</summary>
    public bool Covers(ListingEntry entry)
    {
        if (_expected.Count == 0 || entry.Path == LayerRoots.UtilityVmPath)
            return false;
        if (entry.Kind is not LayerEntryKind.Whiteout && LayerPath.FromValue(names.PathOf(_expected.Peek())) == entry.Path)
        {
            _expected.Dequeue();
            return true;
        }

        DropRest();
        return false;
    }

    /// <summary>Drops what was not listed: the layer was made over other layers than these, and does not have it.</summary>
    public void DropRest()
    {
        while (_expected.TryDequeue(out int node))
        {
            if (names.Find(LayerPath.FromValue(names.PathOf(node))) == node)
                names.Retire(node);
        }
    }
}
