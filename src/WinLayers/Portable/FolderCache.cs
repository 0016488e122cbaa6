using WinLayers.Formats.Names;
using WinLayers.Oci.Disk;

namespace WinLayers.Portable;

/// <summary>
/// Keeps the folders used last open, and opens others from the nearest open one above. A folder it gave out is valid until the next call.
/// </summary>
internal sealed class FolderCache(HostFolder root, NameTree<LayerItem> tree, Func<int, string> storedName) : IDisposable
{
    private const int Capacity = 64;

    private readonly Dictionary<int, LinkedListNode<(int Node, HostFolder Folder)>> _open = [];
    private readonly LinkedList<(int Node, HostFolder Folder)> _byUse = [];
    private readonly Stack<int> _way = [];

    /// <summary>The folder of a node that is a directory.</summary>
    /// <param name="node">The directory.</param>
    /// <param name="keep">A folder given out before that stays open too.</param>
    public HostFolder Get(int node, HostFolder? keep = null)
    {
        if (node == NameTree.Root)
            return root;
        if (_open.TryGetValue(node, out LinkedListNode<(int Node, HostFolder Folder)>? known))
            return Touch(known);
        _way.Clear();
        HostFolder folder = root;
        for (int at = node; at != NameTree.Root; at = tree.ParentOf(at))
        {
            if (_open.TryGetValue(at, out known))
            {
                folder = Touch(known);
                break;
            }

            _way.Push(at);
        }

        // Those on the way are not kept: entries that alternate between deep folders would push each other's out.
        string[] names = new string[_way.Count];
        for (int i = 0; i < names.Length; i++)
            names[i] = storedName(_way.Pop());
        folder = names.Length == 1 ? folder.OpenFolder(names[0]) : folder.OpenBelow(names);
        _open.Add(node, _byUse.AddFirst((node, folder)));
        while (_open.Count > Capacity)
            Close(_byUse.Last!.Value.Folder == keep ? _byUse.Last.Previous! : _byUse.Last);
        return folder;
    }

    /// <summary>Closes a folder because it goes. What was below it went before.</summary>
    public void Forget(int node)
    {
        if (_open.TryGetValue(node, out LinkedListNode<(int Node, HostFolder Folder)>? known))
            Close(known);
    }

    public void Dispose()
    {
        while (_byUse.Last is { } last)
            Close(last);
    }

    private HostFolder Touch(LinkedListNode<(int Node, HostFolder Folder)> item)
    {
        if (item != _byUse.First)
        {
            _byUse.Remove(item);
            _byUse.AddFirst(item);
        }

        return item.Value.Folder;
    }

    private void Close(LinkedListNode<(int Node, HostFolder Folder)> item)
    {
        _open.Remove(item.Value.Node);
        _byUse.Remove(item);
        item.Value.Folder.Dispose();
    }
}
