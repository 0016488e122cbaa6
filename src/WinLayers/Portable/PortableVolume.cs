using Microsoft.Win32.SafeHandles;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Formats.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Portable;

/// <summary>
/// A layer's folder in the making, on any system: plain contents under <c>Files</c>, <c>Hives</c> and <c>UtilityVM</c>, alternate
/// streams in <c>streams</c>, everything else in <c>layer.jsonl</c>. Every call acts at once, and the index has them in their order
/// (see docs/decisions/0002-portable-links-and-removals.md).
/// </summary>
/// <remarks>
/// Names are made by the calling thread, so that what stands is known at once; hashing and writing is left to a few threads. When a
/// call throws, the folder is of no use any more, and its owner removes it.
/// </remarks>
public sealed class PortableVolume : ILayerVolume, IPortableLayer
{
    private readonly HostFolder _root;
    private readonly VolumeIndex _index;
    private readonly VolumeNames _names = new();
    private readonly VolumeFolders _folders;
    private bool _isComplete;
    private bool _isDisposed;

    /// <summary>Starts a layer in an existing folder.</summary>
    /// <exception cref="DiskException">The folder cannot be written, or a layer is in it already.</exception>
    public PortableVolume(string layerFolder, LayerIdentity identity)
        : this(HostFolder.Open(Path.GetFullPath(layerFolder)), Path.GetFullPath(layerFolder), identity)
    {
    }

    /// <summary>Starts a layer in a folder that becomes the volume's own.</summary>
    internal PortableVolume(HostFolder folder, string location, LayerIdentity identity)
    {
        Location = location;
        Identity = identity;
        _root = folder;
        try
        {
            _index = new VolumeIndex(folder, location, identity);
        }
        catch
        {
            folder.Dispose();
            throw;
        }

        _folders = new VolumeFolders(folder, _names);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>Which layer this is.</summary>
    public LayerIdentity Identity { get; }

    Digest IPortableLayer.ChainId => Identity.ChainId;

    /// <inheritdoc/>
    public VolumeNode? Find(LayerPath path) => _names.Find(path);

    /// <inheritdoc/>
    public IEnumerable<VolumeNode> Enumerate(LayerPath directory) => _names.Enumerate(directory);

    /// <inheritdoc/>
    public FileMetadata ReadMetadata(LayerPath path) => ReadContentEntry(Require(path)).Metadata;

    /// <inheritdoc/>
    public OpenContent OpenRead(LayerPath path)
    {
        int node = Require(path);
        return _folders.Open(node, ReadContentEntry(node));
    }

    /// <inheritdoc/>
    public void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        Start();
        int node = _names.Claim(_names.Enter(path), path.Name);
        _folders.MakeFolder(node);
        _names[node].Traits |= LayerItemTraits.Directory | TraitsOf(metadata);
        Record(node, EntryOf(node, path, LayerIndexKind.Directory) with
        {
            Metadata = metadata,
            Streams = _index.Streams.StoreAll(content)
        });
    }

    /// <inheritdoc/>
    public void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        Start();
        int node = _names.Claim(_names.Enter(path), path.Name);
        long size = content.Data.Length;
        AddFile(node, _folders.MakeFile(node), EntryOf(node, path, LayerIndexKind.File) with { Metadata = metadata, Size = size }, content);
    }

    /// <inheritdoc/>
    public void UpdateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        Start();
        int node = Require(path);
        ref LayerItem item = ref _names[node];
        if (!item.Has(LayerItemTraits.Directory))
            throw new LayerRefusedException(LayerRules.NotADirectory, $"'{path}' is a file, not a directory");
        if (metadata.Reparse is not null && _names.Tree.Children(node).Any())
            throw new LayerRefusedException(LayerRules.ReparsePointWithContents, $"'{path}' becomes a reparse point but holds entries");
        IReadOnlyList<LayerIndexStream> streams = _index.Streams.StoreAll(content);
        if (item.Has(LayerItemTraits.Streams))
            streams = [.. ReadContentEntry(node).Streams.ExceptBy(streams.Select(stream => stream.Name), stream => stream.Name,
                NtfsNames.Comparer), .. streams];
        item.Traits = (item.Traits & ~LayerItemTraits.Reparse) | TraitsOf(metadata);
        Record(node, EntryOf(node, path, LayerIndexKind.Directory) with { Metadata = metadata, Streams = streams });
    }

    /// <inheritdoc/>
    public void Link(LayerPath path, LayerPath target, ILayerTree from)
    {
        Start();
        if (from.Find(target) is not { IsDirectory: false } source)
            throw new LayerRefusedException(LayerRules.LinkToNothing, $"the link leads to '{target}', where no file is");
        bool isOwn = ReferenceEquals(from, this);
        if (isOwn && path == target)
            return;
        int parent = _names.Enter(path);
        int taken = _names.Tree.Find(parent, path.Name);
        if (taken != NameTree.None)
            _folders.Remove(taken);
        int node = _names.Claim(parent, path.Name);
        if (from is not IPortableLayer layer)
        {
            using OpenContent content = from.OpenRead(source.Path);
            LayerIndexEntry copy = EntryOf(node, path, LayerIndexKind.Link) with
            {
                Target = source.Path,
                IsCopy = true,
                Metadata = from.ReadMetadata(source.Path),
                Size = content.Data.Length,
            };
            _names[node].Traits |= LayerItemTraits.Link;
            AddFile(node, _folders.MakeFile(node), copy, content);
            return;
        }

        bool isLinked = layer.TryLinkInto(target, _folders.Get(parent), _names.StoredNameOf(node));
        LayerIndexEntry entry = EntryOf(node, path, LayerIndexKind.Link) with { Target = source.Path, From = layer.ChainId };
        if (isOwn && isLinked)
            LinkToOwn(node, entry, _names.Tree.Find(target));
        else
            LinkToContent(node, entry, layer, target, isLinked, isOwn);
    }

    /// <inheritdoc/>
    public void Remove(LayerPath path)
    {
        Start();
        if (path.IsRoot)
            throw new ArgumentException("A layer's root is not removed.", nameof(path));
        int node = _names.Tree.Find(path);
        if (node != NameTree.None)
            _folders.Remove(node);
        _index.Add(new LayerIndexEntry { Path = path, Kind = LayerIndexKind.Removed });
    }

    /// <inheritdoc/>
    /// <remarks>The index has had them since the directory was made; this is for who looks at the folder.</remarks>
    public void SetDirectoryTimes(LayerPath path, FileAttributes attributes, FileTimes times)
    {
        Start();
        int node = _names.Tree.Find(path);
        if (node != NameTree.None && _names[node].Has(LayerItemTraits.Directory))
            _folders.Get(node).SetOwnTimes(times);
    }

    /// <inheritdoc/>
    public void SaveCopy(LayerPath path, string savedName)
    {
        Start();
        if (savedName.AsSpan().IndexOfAny("/\\:") >= 0 || StoredNames.CanonicalRoot(savedName) is not null
            || savedName is StoredNames.Streams or StoredNames.Index)
            throw new ArgumentException($"'{savedName}' is no name for a copy beside the layer's roots.", nameof(savedName));
        using OpenContent content = OpenRead(path);
        _root.RemoveFile(savedName);
        using SafeFileHandle file = _root.TryMakeFile(savedName)
            ?? throw DiskException.FromIO(new IOException("the name is taken"), "cannot save a copy as", Path.Combine(Location, savedName));
        HostFiles.Copy(content.Data, file, Path.Combine(Location, savedName));
    }

    /// <inheritdoc/>
    /// <remarks>The layer is durable when it returns: synced once as a whole.</remarks>
    public void Complete()
    {
        Start();
        _index.FinishWriting();
        _isComplete = true;
        _index.End();
    }

    /// <summary>
    /// Stops the writers and closes everything. What was made stays; a layer that is not complete has no end line in its index.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _index.Dispose();
        _folders.Dispose();
        _root.Dispose();
    }

    LayerIndexEntry? IPortableLayer.FindContent(LayerPath path) =>
        _names.Tree.Find(path) is >= 0 and var node ? ReadContentEntry(node) : null;

    bool IPortableLayer.TryLinkInto(LayerPath path, HostFolder folder, string name) => _folders.TryLink(Require(path), folder, name);

    void IPortableLayer.GiveStreams(LayerIndexEntry content, StreamStore streams)
    {
        foreach (LayerIndexStream stream in content.Streams)
            streams.Adopt(stream, _root);
    }

    private static LayerItemTraits TraitsOf(FileMetadata metadata) =>
        metadata.Reparse is null ? LayerItemTraits.None : LayerItemTraits.Reparse;

    private void Start()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isComplete)
            throw new InvalidOperationException("The layer is complete.");
        _index.ThrowIfFailed();
    }

    private LayerIndexEntry EntryOf(int node, LayerPath path, LayerIndexKind kind)
    {
        // Spelled as the directories on the way stand, not as this entry spells them.
        string standing = _names.Tree.PathOf(node);
        return new LayerIndexEntry
        {
            Path = standing == path.Value ? path : LayerPath.FromValue(standing),
            Kind = kind,
            IsStoredAside = _names[node].Has(LayerItemTraits.StoredAside),
        };
    }

    private void AddFile(int node, SafeFileHandle file, LayerIndexEntry entry, EntryContent content)
    {
        int line = _index.AddFile(entry, file, content);
        Remember(node, entry, line, line);
    }

    private void Record(int node, LayerIndexEntry entry)
    {
        int line = _index.Add(entry);
        Remember(node, entry, line, line);
    }

    private void Remember(int node, LayerIndexEntry entry, int line, long content)
    {
        ref LayerItem item = ref _names[node];
        item.Traits |= TraitsOf(entry.Metadata) | (entry.Streams.Count > 0 ? LayerItemTraits.Streams : LayerItemTraits.None);
        item.Length = entry.Size;
        item.Line = line;
        item.Content = content;
    }

    private void LinkToOwn(int node, LayerIndexEntry entry, int target)
    {
        LayerItem shared = _names[target];
        int line = _index.Add(entry);
        _names[node] = shared with
        {
            Traits = (shared.Traits & ~LayerItemTraits.StoredAside) | (
                _names[node].Traits & LayerItemTraits.StoredAside) | LayerItemTraits.Link,
            Line = line,
        };
    }

    // A link that carries what its target says, so that this folder can be read without the other, or because it is a copy.
    private void LinkToContent(int node, LayerIndexEntry link, IPortableLayer layer, LayerPath target, bool isLinked, bool isOwn)
    {
        LayerIndexEntry content = layer.FindContent(target)
            ?? throw new LayerRefusedException(LayerRules.LinkToNothing, $"the link leads to '{target}', where no file is");
        LayerIndexEntry entry =
            link with
            {
                Metadata = content.Metadata,
                Size = content.Size,
                Sha256 = content.Sha256,
                Streams = content.Streams,
                IsCopy = !isLinked
            };
        if (!isOwn)
            layer.GiveStreams(content, _index.Streams);
        if (!isLinked)
        {
            using OpenContent data = ((ILayerTree)layer).OpenRead(target);
            using SafeFileHandle file = _folders.MakeFile(node);
            HostFiles.Copy(data.Data, file, Path.Combine(Location, link.Path.Value));
            _root.SetTimes(file, content.Metadata.Times);
        }

        _names[node].Traits |= LayerItemTraits.Link;
        Record(node, entry);
    }

    private int Require(LayerPath path) => _names.Require(path, Location);

    private LayerIndexEntry ReadContentEntry(int node) => node == NameTree.Root
        ? new LayerIndexEntry { Path = LayerPath.Root, Kind = LayerIndexKind.Directory, Metadata = FileMetadata.DefaultDirectory }
        : _index.Read((int)_names[node].Content);
}
