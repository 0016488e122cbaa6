using WinLayers.Ntfs;

namespace WinLayers.Layers;

/// <summary>What a name of a layer stands for.</summary>
internal enum NameKind : byte
{
    Directory,
    ReparseDirectory,
    File,
    Link,
}

/// <summary>How a name came into a layer, and what is going to happen to it.</summary>
[Flags]
internal enum NameMarks : byte
{
    None = 0,

    /// <summary>A directory that no entry describes, made because something lies in it.</summary>
    Implied = 1,

    /// <summary>It came with the clone of the parent's Utility VM; no entry of this layer brought it.</summary>
    Inherited = 2,

    /// <summary>A whiteout of the same layer takes it away again.</summary>
    WhitedOut = 4,

    /// <summary>An opaque directory that has been dealt with.</summary>
    Opaque = 8,
}

/// <summary>One name in a <see cref="LayerNames"/> tree.</summary>
internal sealed class NameNode
{
    internal NameNode(NameNode? parent, string name, int hash)
    {
        Parent = parent;
        Name = name;
        Hash = hash;
    }

    /// <summary>The directory it lies in; null for the root.</summary>
    internal NameNode? Parent { get; }

    /// <summary>The component as first given.</summary>
    internal string Name { get; }

    internal NameKind Kind { get; set; }

    internal NameMarks Marks { get; set; }

    internal bool IsDirectory => Kind is NameKind.Directory or NameKind.ReparseDirectory;

    internal bool HasChildren => FirstChild is not null;

    internal int Hash { get; }

    internal NameNode? NextInBucket { get; set; }

    internal NameNode? FirstChild { get; set; }

    internal NameNode? NextSibling { get; set; }

    internal NameNode? PreviousSibling { get; set; }

    internal bool Has(NameMarks mark) => (Marks & mark) != NameMarks.None;

    /// <summary>Whether something below it was brought by an entry of the layer.</summary>
    internal bool HasOwnBelow()
    {
        var ahead = new Stack<NameNode>([this]);
        while (ahead.TryPop(out NameNode? node))
        {
            foreach (NameNode child in LayerNames.Children(node))
            {
                if (!child.Has(NameMarks.Inherited))
                    return true;
                ahead.Push(child);
            }
        }

        return false;
    }

    /// <summary>The path with every component as it was first given.</summary>
    internal LayerPath ToPath() => LayerPath.FromValue(ToText('\\'));

    /// <summary>The components as first given, joined.</summary>
    internal string ToText(char separator)
    {
        int length = -1;
        for (NameNode node = this; node.Parent is not null; node = node.Parent)
            length += node.Name.Length + 1;
        return length < 0 ? "" : string.Create(length, (Node: this, Separator: separator), static (text, state) =>
        {
            int end = text.Length;
            for (NameNode node = state.Node; node.Parent is not null; node = node.Parent)
            {
                node.Name.CopyTo(text[(end - node.Name.Length)..]);
                end -= node.Name.Length + 1;
                if (end >= 0)
                    text[end] = state.Separator;
            }
        });
    }
}

/// <summary>
/// The names of one layer as a tree, found whatever their letter case and kept as first spelled. Finding and adding cost the length
/// of the path and no more; memory is the names.
/// </summary>
internal sealed class LayerNames
{
    private NameNode?[] _buckets = new NameNode?[256];

    /// <summary>The layer's root.</summary>
    internal NameNode Root { get; } = new(parent: null, name: "", hash: 0) { Kind = NameKind.Directory };

    /// <summary>How many names there are, the root left out.</summary>
    internal int Count { get; private set; }

    /// <summary>What stands at the path; null where nothing does.</summary>
    internal NameNode? Find(LayerPath path)
    {
        NameNode? node = Root;
        if (path.IsRoot)
            return node;
        ReadOnlySpan<char> value = path.Value;
        foreach (Range component in path.Components)
        {
            node = Find(node, value[component]);
            if (node is null)
                return null;
        }

        return node;
    }

    /// <summary>The child of this name; null where there is none.</summary>
    internal NameNode? Find(NameNode parent, ReadOnlySpan<char> name)
    {
        int hash = HashOf(parent, name);
        for (NameNode? node = _buckets[hash & (_buckets.Length - 1)]; node is not null; node = node.NextInBucket)
        {
            if (node.Hash == hash && ReferenceEquals(node.Parent, parent) && NtfsNames.Equal(node.Name, name))
                return node;
        }

        return null;
    }

    /// <summary>The deepest node on the way to the path that stands, and how much of the path leads to it.</summary>
    internal NameNode FindDeepest(LayerPath path, out int foundLength)
    {
        foundLength = 0;
        NameNode node = Root;
        if (path.IsRoot)
            return node;
        ReadOnlySpan<char> value = path.Value;
        foreach (Range component in path.Components)
        {
            if (Find(node, value[component]) is not { } child)
                return node;
            node = child;
            foundLength = component.End.GetOffset(value.Length);
        }

        return node;
    }

    /// <summary>Adds a name that is not there yet.</summary>
    internal NameNode Add(NameNode parent, ReadOnlySpan<char> name, NameKind kind, NameMarks marks)
    {
        if (Count >= _buckets.Length)
            Grow();
        int hash = HashOf(parent, name);
        ref NameNode? bucket = ref _buckets[hash & (_buckets.Length - 1)];
        var node = new NameNode(parent, name.ToString(), hash) { Kind = kind, Marks = marks, NextInBucket = bucket, NextSibling = parent.FirstChild };
        if (parent.FirstChild is { } sibling)
            sibling.PreviousSibling = node;
        parent.FirstChild = node;
        bucket = node;
        Count++;
        return node;
    }

    /// <summary>Takes a name and all below it out of the tree.</summary>
    internal void Remove(NameNode node)
    {
        var doomed = new Stack<NameNode>([node]);
        while (doomed.TryPop(out NameNode? next))
        {
            for (NameNode? child = next.FirstChild; child is not null; child = child.NextSibling)
                doomed.Push(child);
            RemoveFromBucket(next);
            Count--;
        }

        if (node.PreviousSibling is { } previous)
            previous.NextSibling = node.NextSibling;
        else
            node.Parent!.FirstChild = node.NextSibling;
        if (node.NextSibling is { } following)
            following.PreviousSibling = node.PreviousSibling;
    }

    /// <summary>A directory's children, in no particular order.</summary>
    internal static IEnumerable<NameNode> Children(NameNode directory)
    {
        for (NameNode? child = directory.FirstChild; child is not null; child = child.NextSibling)
            yield return child;
    }

    // The parent's identity is part of the hash: a million directories with the same child names must not share a bucket.
    private static int HashOf(NameNode parent, ReadOnlySpan<char> name) => HashCode.Combine(parent.Hash, NtfsNames.HashOf(name));

    private void RemoveFromBucket(NameNode node)
    {
        ref NameNode? bucket = ref _buckets[node.Hash & (_buckets.Length - 1)];
        if (ReferenceEquals(bucket, node))
        {
            bucket = node.NextInBucket;
            return;
        }

        NameNode before = bucket!;
        while (!ReferenceEquals(before.NextInBucket, node))
            before = before.NextInBucket!;
        before.NextInBucket = node.NextInBucket;
    }

    private void Grow()
    {
        var larger = new NameNode?[_buckets.Length * 2];
        foreach (NameNode? first in _buckets)
        {
            NameNode? node = first;
            while (node is not null)
            {
                NameNode? next = node.NextInBucket;
                ref NameNode? bucket = ref larger[node.Hash & (larger.Length - 1)];
                node.NextInBucket = bucket;
                bucket = node;
                node = next;
            }
        }

        _buckets = larger;
    }
}
