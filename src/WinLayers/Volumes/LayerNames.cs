using WinLayers.Formats.Names;

namespace WinLayers.Volumes;

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

    /// <summary>Something below it was brought by an entry of the layer. Noted where it is needed, and then.</summary>
    HoldsOwn = 8,
}

/// <summary>One name in a <see cref="LayerNames"/> tree.</summary>
internal readonly struct NameNode(LayerNames names, int id)
{
    internal int Id => id;

    /// <summary>The directory it lies in; the root lies in itself.</summary>
    internal NameNode Parent => new(names, Math.Max(NameTree.Root, names.Tree.ParentOf(id)));

    /// <summary>The component as first given.</summary>
    internal string Name => names.Tree.NameOf(id).ToString();

    internal NameKind Kind
    {
        get => names.Tree[id].Kind;
        set => names.Tree[id].Kind = value;
    }

    internal NameMarks Marks
    {
        get => names.Tree[id].Marks;
        set => names.Tree[id].Marks = value;
    }

    internal bool IsDirectory => Kind is NameKind.Directory or NameKind.ReparseDirectory;

    internal bool HasChildren => names.Tree.HasChildren(id);

    /// <summary>A directory's children, in no particular order.</summary>
    internal IEnumerable<NameNode> Children
    {
        get
        {
            LayerNames all = names;
            return all.Tree.Children(id).Select(child => new NameNode(all, child));
        }
    }

    internal bool Has(NameMarks mark) => (Marks & mark) != NameMarks.None;

    /// <summary>The path with every component as it was first given.</summary>
    internal LayerPath ToPath() => LayerPath.FromValue(ToText('\\'));

    /// <summary>The components as first given, joined.</summary>
    internal string ToText(char separator) => names.Tree.PathOf(id, separator);
}

/// <summary>
/// The names of one layer, found whatever their letter case and kept as first spelled, with what they stand for. Finding and adding
/// cost the length of the path and no more; memory is the names.
/// </summary>
internal sealed class LayerNames
{
    /// <summary>The layer's root.</summary>
    internal NameNode Root => new(this, NameTree.Root);

    internal NameTree<Item> Tree { get; } = new(new Item(NameKind.Directory, NameMarks.None));

    /// <summary>What stands at the path; null where nothing does.</summary>
    internal NameNode? Find(LayerPath path) => NodeOf(Tree.Find(path));

    /// <summary>The child of this name; null where there is none.</summary>
    internal NameNode? Find(NameNode parent, ReadOnlySpan<char> name) => NodeOf(Tree.Find(parent.Id, name));

    /// <summary>The directory that a path, not the root, lies in; null where none stands.</summary>
    internal NameNode? FindParent(LayerPath path) => NodeOf(Tree.FindParent(path));

    /// <summary>The deepest node on the way to the path that stands, and how much of the path leads to it.</summary>
    internal NameNode FindDeepest(LayerPath path, out int foundLength) => new(this, Tree.FindDeepest(path.Value, out foundLength));

    /// <summary>Adds a name that is not there yet.</summary>
    internal NameNode Add(NameNode parent, ReadOnlySpan<char> name, NameKind kind, NameMarks marks) =>
        new(this, Tree.Add(parent.Id, name, new Item(kind, marks)));

    /// <summary>Takes a name and all below it out of the tree.</summary>
    internal void Remove(NameNode node) => Tree.Retire(node.Id);

    private NameNode? NodeOf(int id) => id == NameTree.None ? null : new NameNode(this, id);

    internal struct Item(NameKind kind, NameMarks marks)
    {
        public NameKind Kind = kind;
        public NameMarks Marks = marks;
    }
}
