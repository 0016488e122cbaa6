using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>A finished portable layer, read from its <c>layer.jsonl</c>. Safe for several threads.</summary>
public sealed class PortableTree : ILayerTree, IPortableLayer
{
    private readonly Lock _lock = new();
    private readonly HostFolder _root;
    private readonly SafeFileHandle _indexHandle;
    private readonly LayerIndexFile _index;
    private readonly VolumeNames _names = new();
    private readonly IndexValueOffsets _valueOffsets = new();
    private readonly VolumeFolders _folders;

    private PortableTree(string location, HostFolder root, SafeFileHandle indexHandle)
    {
        Location = location;
        _root = root;
        _indexHandle = indexHandle;
        _index = new LayerIndexFile(indexHandle, IndexPath, (kind, number) => _valueOffsets[kind, number]);
        _folders = new VolumeFolders(root, _names);
        Identity = Load();
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>Which layer this is.</summary>
    public LayerIdentity Identity { get; }

    Digest IPortableLayer.ChainId => Identity.ChainId;

    private string IndexPath => Path.Combine(Location, StoredNames.Index);

    /// <summary>Opens a layer's folder.</summary>
    /// <exception cref="LayerIndexException">There is no index, or it is damaged or not complete.</exception>
    /// <exception cref="DiskException">The folder cannot be read.</exception>
    public static PortableTree Open(string layerFolder)
    {
        string location = Path.GetFullPath(layerFolder);
        HostFolder root = HostFolder.Open(location);
        SafeFileHandle? index = null;
        try
        {
            if (root.Find(StoredNames.Index) is not { Kind: HostItemKind.File })
                throw new LayerIndexException(Path.Combine(location, StoredNames.Index), "is missing: this is no portable layer");
            index = root.OpenFile(StoredNames.Index);
            return new PortableTree(location, root, index);
        }
        catch
        {
            index?.Dispose();
            root.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public VolumeNode? Find(LayerPath path)
    {
        lock (_lock)
            return _names.Find(path);
    }

    /// <inheritdoc/>
    public IEnumerable<VolumeNode> Enumerate(LayerPath directory)
    {
        lock (_lock)
            return _names.Enumerate(directory);
    }

    /// <inheritdoc/>
    public FileMetadata ReadMetadata(LayerPath path) => ReadEntry(path).Metadata;

    /// <summary>The entry that has the digest, metadata and streams of what stands at the path; for a link those of its target.</summary>
    /// <exception cref="FileNotFoundException">Nothing stands there.</exception>
    public LayerIndexEntry ReadEntry(LayerPath path)
    {
        lock (_lock)
        {
            int node = Require(path);
            return node == NameTree.Root
                ? new LayerIndexEntry { Path = LayerPath.Root, Kind = LayerIndexKind.Directory, Metadata = FileMetadata.DefaultDirectory }
                : _index.ReadAt(_names[node].Content);
        }
    }

    /// <inheritdoc/>
    public OpenContent OpenRead(LayerPath path)
    {
        lock (_lock)
            return _folders.Open(Require(path), ReadEntry(path));
    }

    /// <summary>All entries of the index in order, removals and replaced ones included.</summary>
    public IEnumerable<LayerIndexEntry> ReadEntries() => ReadLines().Select(line => line.Entry);

    /// <summary>The entries with the offsets of their lines.</summary>
    internal IEnumerable<(long Offset, LayerIndexEntry Entry)> ReadLines()
    {
        using LayerIndexLines lines = new(_indexHandle, IndexPath);
        while (lines.TryRead(out ReadOnlyMemory<byte> line))
        {
            if (LayerIndexParser.KindOf(line.Span) != LayerIndexLineKind.Entry)
                continue;
            LayerIndexEntry entry;
            lock (_lock)
                entry = _index.Decode(line.Span);
            yield return (lines.LineOffset, entry);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _index.Dispose();
        _folders.Dispose();
        _indexHandle.Dispose();
        _root.Dispose();
    }

    /// <summary>The names, for a check of the whole layer, which has the tree to itself.</summary>
    internal VolumeNames Names => _names;

    /// <summary>The offset of the line that says last what stands at the path; -1 where nothing does.</summary>
    internal long LineOf(LayerPath path)
    {
        lock (_lock)
            return _names.Tree.Find(path) is var node and not NameTree.None ? _names[node].Line : -1;
    }

    internal LayerIndexEntry ContentOf(int node)
    {
        lock (_lock)
            return _index.ReadAt(_names[node].Content);
    }

    internal T InFolder<T>(int directory, Func<HostFolder, T> look)
    {
        lock (_lock)
            return look(_folders.Get(directory));
    }

    /// <summary>What the disk has for a path of the index; null where either has nothing.</summary>
    internal HostItem? LookAt(LayerPath path)
    {
        int node = _names.Tree.Find(path);
        return node is NameTree.None or NameTree.Root ? null
            : InFolder(_names.Tree.ParentOf(node), folder => folder.Find(_names.StoredNameOf(node)));
    }

    LayerIndexEntry? IPortableLayer.FindContent(LayerPath path)
    {
        lock (_lock)
            return _names.Tree.Find(path) == NameTree.None ? null : ReadEntry(path);
    }

    bool IPortableLayer.TryLinkInto(LayerPath path, HostFolder folder, string name)
    {
        lock (_lock)
            return _folders.TryLink(Require(path), folder, name);
    }

    void IPortableLayer.GiveStreams(LayerIndexEntry content, StreamStore streams)
    {
        foreach (LayerIndexStream stream in content.Streams)
            streams.Adopt(stream, _root);
    }

    private LayerIdentity Load()
    {
        using LayerIndexLines lines = new(_indexHandle, IndexPath);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        LayerIdentity? identity = null;
        bool isWhole = false;
        long count = 0;
        try
        {
            while (lines.TryRead(out ReadOnlyMemory<byte> line))
            {
                if (isWhole)
                    throw new FormatException("something follows its end line");
                LayerIndexLineKind kind = LayerIndexParser.KindOf(line.Span);
                if ((identity is null) != (kind == LayerIndexLineKind.Header))
                    throw new FormatException("its header line is not the first and only one");
                if (kind == LayerIndexLineKind.Header)
                    identity = LayerIndexParser.ReadHeader(line.Span);
                else if (kind == LayerIndexLineKind.Value)
                    AddValue(line.Span, lines.LineOffset);
                else if (kind == LayerIndexLineKind.Entry)
                    Apply(LayerIndexEntryParser.ReadOutline(line.Span), lines.LineOffset);
                else
                    isWhole = IsEnd(line.Span, count, hash);
                hash.AppendData(lines.LineAndEnd);
                count++;
            }
        }
        catch (Exception cause) when (LayerIndexFile.IsDamage(cause))
        {
            throw new LayerIndexException(IndexPath, $"is damaged in line {count + 1}: {cause.Message}", cause);
        }

        return isWhole ? identity! : throw new LayerIndexException(IndexPath, "has no end: the layer was not finished");
    }

    private static bool IsEnd(ReadOnlySpan<byte> line, long count, IncrementalHash hash)
    {
        (long lines, string? sha256) = LayerIndexParser.ReadEnd(line);
        return lines == count && sha256 == Digest.FromHash(hash.GetCurrentHash()).Hex
            ? true
            : throw new FormatException("what is before the end line is not what was written");
    }

    private void AddValue(ReadOnlySpan<byte> line, long offset)
    {
        (IndexValueKind kind, int number, _) = LayerIndexParser.ReadValue(line, withBytes: false);
        if (number != _valueOffsets.Add(kind, offset))
            throw new FormatException($"value {number} of the kind {kind} is out of order");
    }

    private void Apply(LayerIndexOutline line, long offset)
    {
        if (line.Path.IsRoot)
            throw new FormatException("an entry has no path");
        int parent = _names.Tree.FindParent(line.Path);
        int node = parent == NameTree.None ? NameTree.None : _names.Tree.Find(parent, line.Path.Name);
        bool isDirectory = line.Kind == LayerIndexKind.Directory;
        bool staysDirectory = node != NameTree.None && isDirectory && _names[node].Has(LayerItemTraits.Directory);
        LayerItem linked = default;
        if (line.Kind == LayerIndexKind.Link && !line.HasMetadata)
        {
            int target = _names.Tree.Find(line.Target ?? default);
            if (target is NameTree.None or NameTree.Root)
                throw new FormatException($"the link '{line.Path}' leads nowhere");
            linked = _names[target];
        }

        if (node != NameTree.None && !staysDirectory)
        {
            _names.Tree.Retire(node);
            node = NameTree.None;
        }

        if (line.Kind == LayerIndexKind.Removed)
            return;
        // What has children was a directory when they came, and is retired together with them.
        if (node == NameTree.None)
        {
            node = parent != NameTree.None && _names[parent].Has(LayerItemTraits.Directory)
                ? _names.Tree.Add(parent, line.Path.Name)
                : throw new FormatException($"'{line.Path}' lies in no directory");
        }

        _names[node] = new LayerItem
        {
            Traits = (isDirectory ? LayerItemTraits.Directory : LayerItemTraits.None)
                | (line.IsReparse || linked.Has(LayerItemTraits.Reparse) ? LayerItemTraits.Reparse : LayerItemTraits.None)
                | (line.Kind == LayerIndexKind.Link ? LayerItemTraits.Link : LayerItemTraits.None)
                | (line.IsStoredAside ? LayerItemTraits.StoredAside : LayerItemTraits.None),
            Length = line.Kind == LayerIndexKind.Link && !line.HasMetadata ? linked.Length : line.Size,
            Line = offset,
            Content = line.Kind == LayerIndexKind.Link && !line.HasMetadata ? linked.Content : offset,
        };
    }

    private int Require(LayerPath path) => _names.Require(path, Location);
}
