using Microsoft.Win32.SafeHandles;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;

namespace WinLayers.Portable;

/// <summary>What the host keeps under a layer's names: makes, opens, links and removes it, one open folder at a time.</summary>
internal sealed class VolumeFolders(HostFolder root, VolumeNames names) : IDisposable
{
    private readonly FolderCache _cache = new(root, names.Tree, names.StoredNameOf);

    /// <summary>The folder of a directory, valid until the next call.</summary>
    public HostFolder Get(int directory) => _cache.Get(directory);

    /// <summary>Opens data and streams of a name.</summary>
    /// <param name="node">The name.</param>
    /// <param name="content">The entry that has its streams, and the digests and sizes that all are held against.</param>
    public PortableContent Open(int node, LayerIndexEntry content)
    {
        Stream? data = null;
        if (!names[node].Has(LayerItemTraits.Directory))
        {
            HostFolder folder = FolderAround(node);
            string name = names.StoredNameOf(node);
            data = Open(folder.OpenFile(name), Path.Combine(folder.Location, name), names[node].Length, content.Sha256);
        }

        return new PortableContent(data, content.Streams, OpenStream);
    }

    /// <summary>Makes the folder of a directory that was named just now.</summary>
    public void MakeFolder(int node)
    {
        HostFolder folder = FolderAround(node);
        if (!folder.TryMakeFolder(names.StoredNameOf(node)) && !(StoreAside(node) && folder.TryMakeFolder(names.StoredNameOf(node))))
            throw Intruder(folder, node);
    }

    /// <summary>Makes the empty file of a file that was named just now.</summary>
    public SafeFileHandle MakeFile(int node)
    {
        HostFolder folder = FolderAround(node);
        SafeFileHandle? file = folder.TryMakeFile(names.StoredNameOf(node));
        if (file is null && StoreAside(node))
            file = folder.TryMakeFile(names.StoredNameOf(node));
        return file ?? throw Intruder(folder, node);
    }

    /// <summary>Gives a file a further name in a folder of any layer; false where the file system cannot.</summary>
    public bool TryLink(int node, HostFolder into, string name) =>
        into.TryLink(_cache.Get(names.Tree.ParentOf(node), keep: into), names.StoredNameOf(node), name);

    /// <summary>Removes a name with all below it, from the disk and from the names.</summary>
    public void Remove(int top)
    {
        // Parents before children, then backwards; without recursion, because a hostile layer nests thousands of directories.
        List<int> nodes = [top];
        for (int i = 0; i < nodes.Count; i++)
        {
            if (names[nodes[i]].Has(LayerItemTraits.Directory))
                nodes.AddRange(names.Tree.Children(nodes[i]));
        }

        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            int node = nodes[i];
            if (names[node].Has(LayerItemTraits.Directory))
            {
                _cache.Forget(node);
                FolderAround(node).RemoveFolder(names.StoredNameOf(node));
            }
            else
            {
                FolderAround(node).RemoveFile(names.StoredNameOf(node));
            }

            names.Tree.Retire(node);
        }
    }

    public void Dispose() => _cache.Dispose();

    private HostFolder FolderAround(int node) => _cache.Get(names.Tree.ParentOf(node));

    // On Linux a name that the tree does not have but the disk does was put there by somebody else. Elsewhere the file system may
    // hold two names for one that NTFS tells apart (composed and decomposed letters on macOS).
    private bool StoreAside(int node)
    {
        if (OperatingSystem.IsLinux() || names[node].Has(LayerItemTraits.StoredAside))
            return false;
        names[node].Traits |= LayerItemTraits.StoredAside;
        return true;
    }

    private DiskException Intruder(HostFolder folder, int node) =>
        (DiskException)DiskException.FromIO(
            new IOException("something else made it"), "cannot make", Path.Combine(folder.Location, names.StoredNameOf(node)));

    private Stream OpenStream(LayerIndexStream stream)
    {
        using HostFolder folder = root.OpenFolder(StoredNames.Streams);
        string name = stream.Sha256.Hex;
        return Open(folder.OpenFile(name), Path.Combine(folder.Location, name), stream.Size, stream.Sha256);
    }

    private static Stream Open(SafeFileHandle file, string name, long size, Digest? digest) =>
        digest is { } expected ? new StoredFileStream(file, name, size, expected)
            : new FileStream(file, FileAccess.Read, bufferSize: 0);
}
