using System.Numerics;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Names;

/// <summary>Nodes that every <see cref="NameTree{T}"/> has.</summary>
internal static class NameTree
{
    /// <summary>The layer's root.</summary>
    public const int Root = 0;

    /// <summary>No node.</summary>
    public const int None = -1;
}

/// <summary>The item of a tree that holds names alone.</summary>
internal readonly struct NoItem;

/// <summary>
/// The names of a layer as a tree, compared as NTFS compares them, each with an item. One table for all directories: a name costs about
/// 24 bytes, its characters and its item, which is what lets a layer of a million entries fit into memory. Not safe for several
/// threads.
/// </summary>
/// <typeparam name="T">What is kept of a name, in the node itself.</typeparam>
internal sealed class NameTree<T>
    where T : struct
{
    private const int Root = NameTree.Root;
    private const int None = NameTree.None;
    private const int HeapChunk = 1 << 16;
    private const int FirstHeapChunk = 1 << 10;
    private const int KnownDirectories = 64;
    private const int LongestKnown = 2048;

    private readonly ChunkedList<Node> _nodes = new();
    private readonly List<char[]> _heap = [];
    private int _heapUsed;
    private int[] _buckets = new int[1 << 6];
    private int _live = 1;

    // Entries of a directory come one after the other: its path is walked once for all of them. Single references, so that readers
    // on several threads do no harm to each other.
    private Directory _last = new("", Root);

    // And those of some directories used before, by the hash of their paths: entries may alternate between deep directories. Very long
    // paths are not kept, because there may be many trees.
    private readonly Directory?[] _known = new Directory?[KnownDirectories];

    public NameTree(T root = default)
    {
        Array.Fill(_buckets, None);
        _nodes.Add(new Node { Parent = None, FirstChild = None, NextSibling = None, NextInBucket = None, Item = root });
    }

    /// <summary>How many nodes were ever made; ids are below it.</summary>
    public int Count => _nodes.Count;

    /// <summary>What is kept of a node. The reference stays valid while the tree grows.</summary>
    public ref T this[int node] => ref _nodes[node].Item;

    public int ParentOf(int node) => _nodes[node].Parent;

    public ReadOnlySpan<char> NameOf(int node)
    {
        ref Node item = ref _nodes[node];
        return node == Root ? default : _heap[item.Name >> 16].AsSpan(item.Name & 0xFFFF, item.NameLength);
    }

    /// <summary>The child with this name; <see cref="None"/> where there is none.</summary>
    public int Find(int parent, ReadOnlySpan<char> name)
    {
        for (int node = _buckets[BucketOf(parent, name)]; node != None; node = _nodes[node].NextInBucket)
        {
            if (_nodes[node].Parent == parent && NtfsNames.Equal(NameOf(node), name))
                return node;
        }

        return None;
    }

    /// <summary>The node at the path; <see cref="None"/> where there is none.</summary>
    public int Find(LayerPath path)
    {
        if (path.IsRoot)
            return Root;
        int parent = FindParent(path);
        return parent == None ? None : Find(parent, path.Name);
    }

    /// <summary>The node that a path, not the root's, lies in; <see cref="None"/> where there is none.</summary>
    public int FindParent(LayerPath path)
    {
        ReadOnlySpan<char> value = path.Value;
        ReadOnlySpan<char> directory = value[..Math.Max(0, value.LastIndexOf('\\'))];
        if (directory.IsEmpty)
            return Root;
        if (KnownNode(directory) is var known and not None)
            return known;

        // From the outside in, each lies in the one before.
        int end = directory.LastIndexOf('\\');
        int node = end < 0 ? Root : KnownNode(directory[..end]);
        if (node != None)
        {
            node = Find(node, directory[(end + 1)..]);
        }
        else
        {
            node = FindDeepest(directory, out int found);
            if (found < directory.Length)
                node = None;
        }

        if (node == None)
            return None;
        var entered = new Directory(directory.ToString(), node);
        if (directory.Length <= LongestKnown)
            _known[SlotOf(directory)] = entered;
        _last = entered;
        return node;
    }

    /// <summary>The deepest node on the way to the path that is in, and how much of the path leads to it.</summary>
    public int FindDeepest(ReadOnlySpan<char> path, out int foundLength)
    {
        foundLength = 0;
        int node = Root;
        foreach (Range part in path.Split('\\'))
        {
            int child = Find(node, path[part]);
            if (child == None)
                break;
            node = child;
            foundLength = part.End.GetOffset(path.Length);
        }

        return node;
    }

    /// <summary>The child with this name, added where there is none.</summary>
    public int FindOrAdd(int parent, ReadOnlySpan<char> name) => Find(parent, name) is var node and not None ? node : Add(parent, name);

    /// <summary>The node at the path, added with all on the way to it where there is none.</summary>
    public int FindOrAdd(LayerPath path)
    {
        int node = Root;
        ReadOnlySpan<char> value = path.Value;
        foreach (Range part in path.Components)
            node = FindOrAdd(node, value[part]);
        return node;
    }

    /// <summary>Adds a child whose name is free.</summary>
    public int Add(int parent, ReadOnlySpan<char> name, T item = default)
    {
        if (name.Length > LayerPath.MaxComponent)
            throw new ArgumentException("The name is longer than a component can be.", nameof(name));
        if (_live >= _buckets.Length)
            Rehash();
        int bucket = BucketOf(parent, name);
        int node = _nodes.Add(new Node
        {
            Parent = parent,
            Name = Store(name),
            NameLength = (byte)name.Length,
            FirstChild = None,
            NextSibling = _nodes[parent].FirstChild,
            NextInBucket = _buckets[bucket],
            Item = item,
        });
        _nodes[parent].FirstChild = node;
        _buckets[bucket] = node;
        _live++;
        return node;
    }

    /// <summary>
    /// Takes a node out with all below it, in constant time: what is below is found through its parent's id alone. The name is free again.
    /// </summary>
    public void Retire(int node)
    {
        ref int next = ref _buckets[BucketOf(_nodes[node].Parent, NameOf(node))];
        while (next != node)
            next = ref _nodes[next].NextInBucket;
        next = _nodes[node].NextInBucket;
        _nodes[node].Retired = true;
        _live--;
        _last = new("", Root);
        Array.Clear(_known);
    }

    /// <summary>Whether a node has children that are in.</summary>
    public bool HasChildren(int node) => FirstIn(ref _nodes[node].FirstChild) != None;

    /// <summary>The children that are in, last added first.</summary>
    public IEnumerable<int> Children(int node)
    {
        for (int child = FirstIn(ref _nodes[node].FirstChild); child != None; child = FirstIn(ref _nodes[child].NextSibling))
            yield return child;
    }

    /// <summary>The children that are in, by name, ordinal.</summary>
    public List<int> SortedChildren(int node)
    {
        List<int> children = [.. Children(node)];
        children.Sort((left, right) => NameOf(left).SequenceCompareTo(NameOf(right)));
        return children;
    }

    /// <summary>Everything below a node, each before its children, children by name, ordinal.</summary>
    public IEnumerable<int> Walk(int top)
    {
        // Explicit stack: depth is bounded by a path's length alone.
        Stack<int> ahead = new();
        PushChildren(top);
        while (ahead.TryPop(out int node))
        {
            yield return node;
            PushChildren(node);
        }

        void PushChildren(int parent)
        {
            List<int> children = SortedChildren(parent);
            for (int i = children.Count - 1; i >= 0; i--)
                ahead.Push(children[i]);
        }
    }

    /// <summary>The node's path as its names are spelled.</summary>
    public string PathOf(int node, char separator = '\\')
    {
        int length = -1;
        for (int at = node; at != Root; at = _nodes[at].Parent)
            length += _nodes[at].NameLength + 1;
        return length < 0 ? "" : string.Create(length, (Tree: this, Node: node, Separator: separator), static (span, state) =>
        {
            int end = span.Length;
            for (int at = state.Node; at != Root; at = state.Tree.ParentOf(at))
            {
                ReadOnlySpan<char> name = state.Tree.NameOf(at);
                end -= name.Length;
                name.CopyTo(span[end..]);
                if (end > 0)
                    span[--end] = state.Separator;
            }
        });
    }

    /// <summary>Gives a node another spelling of its name.</summary>
    public void Respell(int node, ReadOnlySpan<char> name)
    {
        ref Node item = ref _nodes[node];
        name.CopyTo(_heap[item.Name >> 16].AsSpan(item.Name & 0xFFFF, item.NameLength));
    }

    private int KnownNode(ReadOnlySpan<char> directory)
    {
        Directory last = _last;
        if (directory.SequenceEqual(last.Path))
            return last.Node;
        if (directory.Length > LongestKnown)
            return None;
        Directory? known = _known[SlotOf(directory)];
        if (known is null || !directory.SequenceEqual(known.Path))
            return None;
        _last = known;
        return known.Node;
    }

    private static int SlotOf(ReadOnlySpan<char> directory) =>
        string.GetHashCode(directory, StringComparison.Ordinal) & (KnownDirectories - 1);

    // Skips what was retired and takes it off the list, so that nobody passes it twice.
    private int FirstIn(ref int link)
    {
        while (link != None && _nodes[link].Retired)
            link = _nodes[link].NextSibling;
        return link;
    }

    private int BucketOf(int parent, ReadOnlySpan<char> name) =>
        (int)(((uint)NtfsNames.HashOf(name) + ((uint)parent * 0x9E3779B1u)) & (uint)(_buckets.Length - 1));

    private int Store(ReadOnlySpan<char> name)
    {
        if (_heap.Count == 0 || _heapUsed + name.Length > _heap[^1].Length)
        {
            _heap.Add(new char[_heap.Count == 0 ? FirstHeapChunk : HeapChunk]);
            _heapUsed = 0;
        }

        int at = ((_heap.Count - 1) << 16) | _heapUsed;
        name.CopyTo(_heap[^1].AsSpan(_heapUsed));
        _heapUsed += name.Length;
        return at;
    }

    private void Rehash()
    {
        _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)_live * 2)];
        Array.Fill(_buckets, None);
        for (int node = 1; node < _nodes.Count; node++)
        {
            ref Node item = ref _nodes[node];
            if (item.Retired)
                continue;
            int bucket = BucketOf(item.Parent, NameOf(node));
            item.NextInBucket = _buckets[bucket];
            _buckets[bucket] = node;
        }
    }

    private sealed record Directory(string Path, int Node);

    private struct Node
    {
        public int Parent;
        public int Name;
        public int FirstChild;
        public int NextSibling;
        public int NextInBucket;
        public byte NameLength;
        public bool Retired;
        public T Item;
    }
}
