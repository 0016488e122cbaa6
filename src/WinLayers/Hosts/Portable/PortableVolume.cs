using Microsoft.Win32.SafeHandles;
using WinLayers.Images;
using WinLayers.Layers;
using WinLayers.Layers.Merging;
using WinLayers.Ntfs;
using WinLayers.Tar;

namespace WinLayers.Hosts.Portable;

/// <summary>
/// A layer's folder in the making, on any system: plain contents under <c>Files</c>, <c>Hives</c> and <c>UtilityVM</c>, alternate
/// streams in <c>streams</c>, everything else in <c>layer.jsonl</c>. It acts at once and in the order of the layer; removals hold to the
/// end, as on Windows, where they follow the import (see docs/decisions/0002-portable-links-and-removals.md).
/// </summary>
/// <remarks>
/// Names are made by the calling thread, so that what stands is known at once; hashing and writing is left to a few threads. When a
/// call throws, the folder is of no use any more, and its owner removes it.
/// </remarks>
public sealed class PortableVolume : ILayerVolume, IPortableLayer
{
    private readonly LayerIdentity _identity;
    private readonly HostFolder _root;
    private readonly SafeFileHandle _indexHandle;
    private readonly IndexAppender _index;
    private readonly LayerIndexFile _readBack;
    private readonly WriterPool _pool;
    private readonly EntryQueue _queue;
    private readonly StreamStore _streams;
    private readonly FolderCache _folders;
    private readonly VolumeNames _names = new();
    private readonly List<LayerPath> _removed = [];
    private bool _isComplete;
    private bool _isDisposed;

    /// <summary>Starts a layer in an existing folder.</summary>
    /// <exception cref="StorageException">The folder cannot be written, or a layer is in it already.</exception>
    public PortableVolume(string layerFolder, LayerIdentity identity)
    {
        Location = Path.GetFullPath(layerFolder);
        _identity = identity;
        _root = HostFolder.Open(Location);
        try
        {
            _indexHandle = _root.TryMakeFile(StoredNames.Index)
                ?? throw StorageException.FromIO(new IOException("a layer is there already"), "cannot start a layer in", Location);
        }
        catch
        {
            _root.Dispose();
            throw;
        }

        _index = new IndexAppender(_indexHandle);
        _readBack = new LayerIndexFile(_indexHandle, Path.Combine(Location, StoredNames.Index), _index.OffsetOfSecurity);
        _pool = new WriterPool(_index, _root);
        _queue = new EntryQueue(_pool, _index);
        _streams = new StreamStore(_root);
        _folders = new FolderCache(_root, _names.Tree, _names.StoredNameOf);
        _index.AppendHeader(identity);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>Which layer this is.</summary>
    public LayerIdentity Identity => _identity;

    Digest IPortableLayer.ChainId => _identity.ChainId;

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
        LayerIndexEntry content = ReadContentEntry(node);
        FileStream? data = _names[node].Has(LayerItemTraits.Directory)
            ? null
            : new FileStream(_folders.Get(_names.Tree.ParentOf(node)).OpenFile(_names.StoredNameOf(node)), FileAccess.Read, bufferSize: 0);
        return new PortableContent(data, content.Streams, OpenStream);
    }

    /// <inheritdoc/>
    public void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        Start();
        int parent = Enter(path);
        int node = Claim(parent, path);
        HostFolder folder = _folders.Get(parent);
        if (!folder.TryMakeFolder(_names.StoredNameOf(node)) && !(StoreAside(node) && folder.TryMakeFolder(_names.StoredNameOf(node))))
            throw Intruder(folder, node);
        _names[node].Traits |= LayerItemTraits.Directory | TraitsOf(metadata);
        Record(node, EntryOf(node, path, LayerIndexKind.Directory) with { Metadata = metadata, Streams = _streams.StoreAll(content) });
    }

    /// <inheritdoc/>
    public void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        Start();
        int parent = Enter(path);
        int node = Claim(parent, path);
        long size = content.Data.Length;
        SafeFileHandle file = MakeFile(parent, node);
        AddFile(node, file, EntryOf(node, path, LayerIndexKind.File) with { Metadata = metadata, Size = size }, content);
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
        IReadOnlyList<LayerIndexStream> streams = _streams.StoreAll(content);
        if (item.Has(LayerItemTraits.Streams))
            streams = [.. ReadContentEntry(node).Streams.ExceptBy(streams.Select(stream => stream.Name), stream => stream.Name, NtfsNames.Comparer), .. streams];
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
        int parent = Enter(path);
        int taken = _names.Tree.Find(parent, path.Name);
        if (taken != NameTree.None)
            RemoveFromDisk(taken, keepLinks: false);
        int node = Claim(parent, path);
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
            AddFile(node, MakeFile(parent, node), copy, content);
            return;
        }

        bool isLinked = layer.TryLinkInto(target, _folders.Get(parent), _names.StoredNameOf(node));
        LayerIndexEntry entry = EntryOf(node, path, LayerIndexKind.Link) with { Target = source.Path, From = layer.ChainId };
        if (isOwn && isLinked)
            LinkToOwn(node, entry, _names.Tree.Find(target));
        else
            LinkToContent(node, parent, entry, layer, target, isLinked, isOwn);
    }

    /// <inheritdoc/>
    public void Remove(LayerPath path)
    {
        Start();
        if (path.Area != LayerArea.UtilityVm)
            _removed.Add(path);
        int node = _names.Tree.Find(path);
        if (node != NameTree.None)
            RemoveFromDisk(node, keepLinks: path.Area != LayerArea.UtilityVm);
        _queue.Add(new LayerIndexEntry { Path = path, Kind = LayerIndexKind.Removed });
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
        if (savedName.AsSpan().IndexOfAny("/\\:") >= 0 || StoredNames.CanonicalRoot(savedName) is not null || savedName is StoredNames.Streams or StoredNames.Index)
            throw new ArgumentException($"'{savedName}' is no name for a copy beside the layer's roots.", nameof(savedName));
        using OpenContent content = OpenRead(path);
        _root.RemoveFile(savedName);
        using SafeFileHandle file = _root.TryMakeFile(savedName)
            ?? throw StorageException.FromIO(new IOException("the name is taken"), "cannot save a copy as", Path.Combine(Location, savedName));
        HostFiles.Copy(content.Data, file);
    }

    /// <inheritdoc/>
    /// <remarks>The layer is durable when it returns: synced once as a whole.</remarks>
    public void Complete()
    {
        Start();
        RemoveForGood();
        _queue.Flush();
        _pool.Finish();
        _pool.ThrowIfFailed();
        _isComplete = true;
        _index.Finish();
        _root.SyncFileSystem();
        RandomAccess.FlushToDisk(_indexHandle);
    }

    /// <summary>Stops the writers and closes everything. What was made stays; a layer that is not complete has no end line in its index.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _queue.Abandon();
        _pool.Dispose();
        _readBack.Dispose();
        _index.Dispose();
        _streams.Dispose();
        _folders.Dispose();
        _indexHandle.Dispose();
        _root.Dispose();
    }

    LayerIndexEntry? IPortableLayer.FindContent(LayerPath path) =>
        _names.Tree.Find(path) is >= 0 and var node ? ReadContentEntry(node) : null;

    bool IPortableLayer.TryLinkInto(LayerPath path, HostFolder folder, string name)
    {
        int node = Require(path);
        return folder.TryLink(_folders.Get(_names.Tree.ParentOf(node), keep: folder), _names.StoredNameOf(node), name);
    }

    void IPortableLayer.GiveStreams(LayerIndexEntry content, StreamStore streams)
    {
        foreach (LayerIndexStream stream in content.Streams)
            streams.Adopt(stream, _root);
    }

    private static LayerItemTraits TraitsOf(FileMetadata metadata) =>
        metadata.Reparse is null ? LayerItemTraits.None : LayerItemTraits.Reparse;

    private static StorageException Intruder(HostFolder folder, string name) =>
        (StorageException)StorageException.FromIO(new IOException("something else made it"), "cannot make", Path.Combine(folder.Location, name));

    private StorageException Intruder(HostFolder folder, int node) => Intruder(folder, _names.StoredNameOf(node));

    private void Start()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isComplete)
            throw new InvalidOperationException("The layer is complete.");
        _pool.ThrowIfFailed();
    }

    // The node of the directory that a path lies in.
    private int Enter(LayerPath path)
    {
        if (path.IsRoot)
            throw new LayerRefusedException(LayerRules.Duplicate, "the layer's root stands already");
        ReadOnlySpan<char> value = path.Value;
        int end = value.LastIndexOf('\\');
        int node = NameTree.Root;
        if (end < 0)
            return node;
        foreach (Range part in value[..end].Split('\\'))
        {
            node = _names.Tree.Find(node, value[part]);
            if (node == NameTree.None)
                throw new LayerRefusedException(LayerRules.MissingParent, $"no directory is at '{value[..part.End]}'");
            LayerItem item = _names[node];
            if (!item.Has(LayerItemTraits.Directory))
                throw new LayerRefusedException(LayerRules.NotADirectory, $"'{value[..part.End]}' is a file");
            if (item.Has(LayerItemTraits.Reparse))
                throw new LayerRefusedException(LayerRules.ThroughReparsePoint, $"'{value[..part.End]}' is a reparse point");
        }

        return node;
    }

    // Takes a free name.
    private int Claim(int parent, LayerPath path)
    {
        ReadOnlySpan<char> name = path.Name;
        int taken = _names.Tree.Find(parent, name);
        if (taken != NameTree.None)
            throw new LayerRefusedException(LayerRules.Duplicate, $"'{_names.Tree.PathOf(taken)}' stands already");
        bool isTop = parent == NameTree.Root;
        int node = _names.Tree.Add(parent, isTop ? StoredNames.CanonicalRoot(name) ?? name : name);
        if (StoredNames.NeedsSubstitute(isTop, name))
            _names[node].Traits |= LayerItemTraits.StoredAside;
        return node;
    }

    // On Linux a name that the tree does not have but the disk does was put there by somebody else. Elsewhere the file system may
    // hold two names for one that NTFS tells apart (composed and decomposed letters on macOS).
    private bool StoreAside(int node)
    {
        if (OperatingSystem.IsLinux() || _names[node].Has(LayerItemTraits.StoredAside))
            return false;
        _names[node].Traits |= LayerItemTraits.StoredAside;
        return true;
    }

    private SafeFileHandle MakeFile(int parent, int node)
    {
        HostFolder folder = _folders.Get(parent);
        SafeFileHandle? file = folder.TryMakeFile(_names.StoredNameOf(node));
        if (file is null && StoreAside(node))
            file = folder.TryMakeFile(_names.StoredNameOf(node));
        return file ?? throw Intruder(folder, node);
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
        int line = _queue.AddFile(entry, file, content, _streams);
        Remember(node, entry, line, line);
    }

    private void Record(int node, LayerIndexEntry entry)
    {
        int line = _queue.Add(entry);
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
        int line = _queue.Add(entry);
        _names[node] = shared with
        {
            Traits = (shared.Traits & ~LayerItemTraits.StoredAside) | (_names[node].Traits & LayerItemTraits.StoredAside) | LayerItemTraits.Link,
            Line = line,
        };
    }

    // A link that carries what its target says, so that this folder can be read without the other, or because it is a copy.
    private void LinkToContent(int node, int parent, LayerIndexEntry link, IPortableLayer layer, LayerPath target, bool isLinked, bool isOwn)
    {
        LayerIndexEntry content = layer.FindContent(target)
            ?? throw new LayerRefusedException(LayerRules.LinkToNothing, $"the link leads to '{target}', where no file is");
        LayerIndexEntry entry = link with { Metadata = content.Metadata, Size = content.Size, Sha256 = content.Sha256, Streams = content.Streams, IsCopy = !isLinked };
        if (!isOwn)
            layer.GiveStreams(content, _streams);
        if (!isLinked)
        {
            using OpenContent data = ((ILayerTree)layer).OpenRead(target);
            using SafeFileHandle file = MakeFile(parent, node);
            HostFiles.Copy(data.Data, file);
        }

        _names[node].Traits |= LayerItemTraits.Link;
        Record(node, entry);
    }

    // Whether anything is kept: links outlive a removal, because on Windows they are made after it, and so do the directories they are in.
    private bool RemoveFromDisk(int node, bool keepLinks)
    {
        LayerItem item = _names[node];
        if (keepLinks && item.Has(LayerItemTraits.Link))
            return true;
        HostFolder folder;
        if (item.Has(LayerItemTraits.Directory))
        {
            if (RemoveChildren(node, keepLinks))
                return true;
            _folders.Forget(node);
            folder = _folders.Get(_names.Tree.ParentOf(node));
            folder.RemoveFolder(_names.StoredNameOf(node));
        }
        else
        {
            folder = _folders.Get(_names.Tree.ParentOf(node));
            folder.RemoveFile(_names.StoredNameOf(node));
        }

        _names.Tree.Retire(node);
        return false;
    }

    // Depth first without recursion: a hostile layer nests thousands of directories.
    private bool RemoveChildren(int top, bool keepLinks)
    {
        List<int> directories = [top];
        bool keptAny = false;
        for (int i = 0; i < directories.Count; i++)
        {
            foreach (int child in _names.Tree.Children(directories[i]))
            {
                if (_names[child].Has(LayerItemTraits.Directory))
                    directories.Add(child);
                else
                    keptAny |= RemoveFromDisk(child, keepLinks);
            }
        }

        for (int i = directories.Count - 1; i > 0; i--)
        {
            int directory = directories[i];
            if (_names.Tree.Children(directory).Any())
                continue;
            _folders.Forget(directory);
            _folders.Get(_names.Tree.ParentOf(directory)).RemoveFolder(_names.StoredNameOf(directory));
            _names.Tree.Retire(directory);
        }

        return keptAny;
    }

    // What was removed anywhere in the layer is gone at its end. Lines that say so again, and then what outlives the removal, make
    // the index true for who reads it front to back.
    private void RemoveForGood()
    {
        _removed.Sort();
        LayerPath? above = null;
        foreach (LayerPath path in _removed)
        {
            if (above is { } covered && (path == covered || path.IsBelow(covered)))
                continue;
            above = path;
            int node = _names.Tree.Find(path);
            if (node == NameTree.None)
                continue;
            bool keptAny = RemoveFromDisk(node, keepLinks: true);
            _queue.Add(new LayerIndexEntry { Path = path, Kind = LayerIndexKind.Removed });
            if (keptAny)
                RecordAgain(node);
        }
    }

    private void RecordAgain(int top)
    {
        _queue.Drain();
        Stack<int> left = new([top]);
        while (left.TryPop(out int node))
        {
            LayerIndexEntry entry = ReadEntry(_names[node].Line);
            if (entry.Kind == LayerIndexKind.Link)
            {
                // What it shared may be gone now, so the link says it itself.
                LayerIndexEntry content = ReadEntry(_names[node].Content);
                entry = entry with { Metadata = content.Metadata, Size = content.Size, Sha256 = content.Sha256, Streams = content.Streams };
            }

            Record(node, entry);
            _queue.Drain();
            foreach (int child in _names.Tree.Children(node))
                left.Push(child);
        }
    }

    private int Require(LayerPath path)
    {
        int node = _names.Tree.Find(path);
        return node != NameTree.None ? node : throw new FileNotFoundException($"Nothing is at '{path}' in {Location}.", path.Value);
    }

    private LayerIndexEntry ReadContentEntry(int node)
    {
        if (node == NameTree.Root)
            return new LayerIndexEntry { Path = LayerPath.Root, Kind = LayerIndexKind.Directory, Metadata = FileMetadata.DefaultDirectory };
        _queue.Drain();
        return ReadEntry(_names[node].Content);
    }

    private LayerIndexEntry ReadEntry(long line) => _readBack.ReadAt(_index.OffsetOf((int)line));

    private SafeFileHandle OpenStream(LayerIndexStream stream)
    {
        using HostFolder folder = _root.OpenFolder(StoredNames.Streams);
        return folder.OpenFile(stream.Sha256.Hex);
    }
}
