using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Writing;

namespace WinLayers.Views;

/// <summary>The names of the merged view in the making. Each call says which layer it is of, base 0.</summary>
internal sealed class MergedNames
{
    /// <summary>What there is of the layers so far.</summary>
    public NameTree<MergedItem> Tree { get; } = new(new MergedItem { IsDirectory = true, Layer = -1, Content = { Layer = -1 } });

    private int _implied;

    /// <summary>Goes on to the next layer.</summary>
    public void StartLayer() => _implied = 0;

    /// <summary>Whether a file is at the path that the layer itself has put there.</summary>
    public bool IsFileOf(int layer, LayerPath path) =>
        Tree.Find(path) is var node and not NameTree.None && Tree[node].Layer == layer && !Tree[node].IsDirectory;

    /// <summary>Puts a file at the path, in place of what is there.</summary>
    public void PutFile(int layer, LayerPath path, MergedContent content, string? linkTarget, bool isBroken)
    {
        int node = Replace(layer, path);
        Tree[node] = new MergedItem { Content = content, LinkTarget = linkTarget, Layer = layer, TouchedBy = layer, IsBroken = isBroken };
    }

    /// <summary>Puts a directory at the path; what a directory there holds stays.</summary>
    public void PutDirectory(int layer, LayerPath path, MergedContent content)
    {
        if (path.IsRoot)
            return;
        int node = Tree.Find(path);

        // A reparse point hides what the layers below have in the directory, and a directory does not show through a file.
        bool stays = node != NameTree.None && Tree[node].IsDirectory && content.Metadata?.Reparse is null;
        if (!stays)
            node = Replace(layer, path);
        else if (Tree[node].Layer >= 0 || Tree[node].TouchedBy != layer)
            Tree.Respell(node, Spelled(Tree.ParentOf(node), path.Name));
        Tree[node] = new MergedItem { Content = content, Layer = layer, TouchedBy = layer, IsDirectory = true };
        TouchAbove(layer, node);
    }

    /// <summary>Takes away what is at the path, with all below it.</summary>
    public void Remove(LayerPath path)
    {
        if (Tree.Find(path) is var gone and not (NameTree.None or NameTree.Root))
            Tree.Retire(gone);
    }

    /// <summary>Takes away what the layers below have in a directory; what this layer has in it stays.</summary>
    public void HideBelow(int layer, LayerPath directory)
    {
        int top = Tree.Find(directory);
        if (top == NameTree.None)
            return;
        Stack<int> ahead = new([top]);
        while (ahead.TryPop(out int next))
        {
            foreach (int child in Tree.Children(next))
            {
                if (Tree[child].TouchedBy != layer)
                    Tree.Retire(child);
                else if (Tree[child].IsDirectory)
                    ahead.Push(child);
            }
        }
    }

    // A fresh node at the path, its directories made where no layer has them.
    private int Replace(int layer, LayerPath path)
    {
        ReadOnlySpan<char> value = path.Value;
        int end = value.LastIndexOf('\\');

        // What lies in a directory is in the tree only as long as all on the way to it are directories.
        int parent = Tree.FindParent(path);
        if (parent == NameTree.None || !Tree[parent].IsDirectory)
        {
            parent = NameTree.Root;
            foreach (Range part in value[..end].Split('\\'))
                parent = EnterOrMake(layer, parent, value[part]);
        }

        ReadOnlySpan<char> name = value[(end + 1)..];
        int before = Tree.Find(parent, name);
        if (before != NameTree.None)
            Tree.Retire(before);
        int node = Tree.Add(parent, Spelled(parent, name));
        TouchAbove(layer, node);
        return node;
    }

    private int EnterOrMake(int layer, int parent, ReadOnlySpan<char> name)
    {
        int node = Tree.Find(parent, name);
        if (node != NameTree.None && Tree[node].IsDirectory)
            return node;
        if (node != NameTree.None)
            Tree.Retire(node);

        // As when it is unpacked: a name of a few hundred bytes can stand for a thousand directories.
        int allowed = LayerLimits.Default.ImpliedDirectories;
        if (++_implied > allowed)
            throw new LayerRefusedException(LayerRules.ImpliedDirectories,
                $"the layer leaves out more than the {allowed} directories allowed");
        return Tree.Add(parent, Spelled(parent, name),
            new MergedItem { IsDirectory = true, Layer = -1, TouchedBy = layer, Content = { Layer = -1 } });
    }

    // The layer's roots have one spelling on the disk, whatever a tar says; so has a directory that its layer made before its entry came.
    private static ReadOnlySpan<char> Spelled(int parent, ReadOnlySpan<char> name) =>
        parent == NameTree.Root && LayerRoots.NameOf(LayerRoots.AreaOf(name)) is { } root ? root : name;

    private void TouchAbove(int layer, int node)
    {
        for (int at = Tree.ParentOf(node); at > NameTree.Root && Tree[at].TouchedBy != layer; at = Tree.ParentOf(at))
            Tree[at].TouchedBy = layer;
    }
}
