using WinLayers.Formats.Names;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>
/// Makes a layer's links into layers below anew. Each name changes in one step, from a file to another one with the same contents, so
/// that whoever is stopped in between leaves work for the next run and nothing else.
/// </summary>
internal static class PortableRelinker
{
    private const string Temporary = ".relinked";

    /// <summary>Links again whatever is not the file that the index says; false where that cannot be done.</summary>
    public static bool TryRelink(string layerFolder, LayerChain parents)
    {
        using var layer = PortableTree.Open(layerFolder);
        Dictionary<Digest, PortableTree> below = [];
        try
        {
            foreach (string folder in parents)
            {
                var tree = PortableTree.Open(folder);
                if (!below.TryAdd(tree.Identity.ChainId, tree))
                    tree.Dispose();
            }

            foreach ((long offset, LayerIndexEntry entry) in layer.ReadLines())
            {
                if (entry is not { Kind: LayerIndexKind.Link, IsCopy: false, From: { } from, Target: { } target }
                    || from == layer.Identity.ChainId || layer.LineOf(entry.Path) != offset)
                    continue;
                if (!below.TryGetValue(from, out PortableTree? other) || !TryRelink(layer, entry, other, target))
                    return false;
            }

            return true;
        }
        finally
        {
            foreach (PortableTree tree in below.Values)
                tree.Dispose();
        }
    }

    private static bool TryRelink(PortableTree layer, LayerIndexEntry entry, PortableTree other, LayerPath target)
    {
        if (other.LookAt(target) is not { Kind: HostItemKind.File } wanted || other.ReadEntry(target).Sha256 != entry.Sha256)
            return false;
        if (layer.LookAt(entry.Path) is { } found && found.FileId == wanted.FileId)
            return true;
        int node = layer.Names.Tree.Find(entry.Path);
        return layer.InFolder(layer.Names.Tree.ParentOf(node), folder =>
        {
            // What an earlier run left.
            folder.RemoveFile(Temporary);
            string name = layer.Names.StoredNameOf(node);
            if (folder.Find(name) is { Kind: HostItemKind.Folder } || !((IPortableLayer)other).TryLinkInto(target, folder, Temporary))
                return false;
            folder.Rename(Temporary, folder, name);
            folder.Sync();
            return true;
        });
    }
}
