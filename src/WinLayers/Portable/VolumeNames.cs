using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Portable;

[Flags]
internal enum LayerItemTraits : byte
{
    None = 0,
    Directory = 1,
    Reparse = 2,
    Link = 4,

    /// <summary>Kept under a substitute name.</summary>
    StoredAside = 8,

    /// <summary>Has alternate streams.</summary>
    Streams = 16,
}

/// <summary>
/// What is remembered of a name in a portable layer. Lines are numbers while the index is written, offsets once it is read.
/// </summary>
internal struct LayerItem
{
    public LayerItemTraits Traits;

    /// <summary>Bytes of the unnamed stream.</summary>
    public long Length;

    /// <summary>The line of the name itself.</summary>
    public long Line;

    /// <summary>The line with metadata and digest: for a link the one that it shares with its target.</summary>
    public long Content;

    public readonly bool Has(LayerItemTraits trait) => (Traits & trait) != LayerItemTraits.None;
}

/// <summary>The names of one portable layer and what is remembered of each.</summary>
internal sealed class VolumeNames
{
    public NameTree<LayerItem> Tree { get; } = new(new LayerItem { Traits = LayerItemTraits.Directory });

    public ref LayerItem this[int node] => ref Tree[node];

    /// <summary>The name under which the host keeps it.</summary>
    public string StoredNameOf(int node)
    {
        ReadOnlySpan<char> name = Tree.NameOf(node);
        if (this[node].Has(LayerItemTraits.StoredAside))
            return StoredNames.SubstituteFor(name);
        return (Tree.ParentOf(node) == NameTree.Root ? StoredNames.CanonicalRoot(name) : null) ?? name.ToString();
    }

    /// <summary>The directory that a path lies in.</summary>
    /// <exception cref="LayerRefusedException">Nothing, a file or a reparse point is on the way.</exception>
    public int Enter(LayerPath path)
    {
        if (path.IsRoot)
            throw new LayerRefusedException(LayerRules.Duplicate, "the layer's root stands already");
        int node = Tree.FindParent(path);
        // What lies below a directory keeps it one, and no reparse point: the parent alone needs a look.
        return node != NameTree.None
            && (this[node].Traits & (LayerItemTraits.Directory | LayerItemTraits.Reparse)) == LayerItemTraits.Directory
            ? node
            : throw NotADirectory(path);
    }

    /// <summary>Takes a free name.</summary>
    /// <exception cref="LayerRefusedException">It is taken.</exception>
    public int Claim(int parent, ReadOnlySpan<char> name)
    {
        int taken = Tree.Find(parent, name);
        if (taken != NameTree.None)
            throw new LayerRefusedException(LayerRules.Duplicate, $"'{Tree.PathOf(taken)}' stands already");
        bool isTop = parent == NameTree.Root;
        LayerItemTraits traits = StoredNames.NeedsSubstitute(isTop, name) ? LayerItemTraits.StoredAside : LayerItemTraits.None;
        return Tree.Add(parent, isTop ? StoredNames.CanonicalRoot(name) ?? name : name, new LayerItem { Traits = traits });
    }

    /// <summary>What stands at the path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="location">The layer's folder, for the message.</param>
    /// <exception cref="FileNotFoundException">Nothing stands there.</exception>
    public int Require(LayerPath path, string location)
    {
        int node = Tree.Find(path);
        return node != NameTree.None ? node : throw new FileNotFoundException($"Nothing is at '{path}' in {location}.", path.Value);
    }

    public VolumeNode ToVolumeNode(int node, LayerPath path)
    {
        LayerItem item = this[node];
        return new VolumeNode(path, item.Has(LayerItemTraits.Directory), item.Has(LayerItemTraits.Reparse), item.Length);
    }

    public VolumeNode? Find(LayerPath path)
    {
        int node = Tree.Find(path);
        return node == NameTree.None ? null : ToVolumeNode(node, LayerPath.FromValue(Tree.PathOf(node)));
    }

    public List<VolumeNode> Enumerate(LayerPath directory)
    {
        int node = Tree.Find(directory);
        List<VolumeNode> found = [];
        if (node == NameTree.None)
            return found;
        LayerPath parent = LayerPath.FromValue(Tree.PathOf(node));
        foreach (int child in Tree.SortedChildren(node))
            found.Add(ToVolumeNode(child, parent.Child(Tree.NameOf(child).ToString())));
        return found;
    }

    private LayerRefusedException NotADirectory(LayerPath path)
    {
        ReadOnlySpan<char> value = path.Value;
        int node = NameTree.Root;
        foreach (Range part in value[..value.LastIndexOf('\\')].Split('\\'))
        {
            node = Tree.Find(node, value[part]);
            string at = value[..part.End].ToString();
            if (node == NameTree.None)
                return new LayerRefusedException(LayerRules.MissingParent, $"no directory is at '{at}'");
            if (!this[node].Has(LayerItemTraits.Directory))
                return new LayerRefusedException(LayerRules.NotADirectory, $"'{at}' is a file");
            if (this[node].Has(LayerItemTraits.Reparse))
                return new LayerRefusedException(LayerRules.ThroughReparsePoint, $"'{at}' is a reparse point");
        }

        throw new InvalidOperationException($"'{path}' lies in a directory.");
    }
}
