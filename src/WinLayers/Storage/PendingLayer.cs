using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>A layer in the making. No other process makes the same one meanwhile. Disposed without a commit, it leaves nothing.</summary>
public sealed class PendingLayer : IDisposable
{
    private readonly StorePaths _paths;
    private readonly StoreLock _lock;
    private readonly string _holder;
    private readonly bool _isInPlace;

    // Where the folder is that had the layer's place before.
    private string? _before;
    private bool _isDisposed;

    internal PendingLayer(StorePaths paths, StoreLock held, Digest chainId, Digest? parentChainId, bool inPlace)
    {
        _isInPlace = inPlace;
        _paths = paths;
        _lock = held;
        ChainId = chainId;
        ParentChainId = parentChainId;
        _holder = paths.NewPending(chainId);
        Directory.CreateDirectory(_holder);
        Folder = inPlace ? paths.LayerOf(chainId) : Path.Combine(_holder, chainId.Hex);
        if (inPlace)
            _before = paths.TryMoveAside(chainId.Hex);
        Directory.CreateDirectory(Folder);
    }

    /// <summary>The chain id of the layer that it becomes.</summary>
    public Digest ChainId { get; }

    /// <summary>That of the layer below; null for a base layer.</summary>
    public Digest? ParentChainId { get; }

    /// <summary>
    /// Its folder, empty at first. Its last part is what it will be in the store, because Windows derives a layer's id from it.
    /// </summary>
    public string Folder { get; }

    /// <summary>A folder for entries on their way, not there yet: a host that stages makes it. It goes with the rest.</summary>
    public string StagingFolder => Path.Combine(_holder, "staging");

    /// <summary>Whether <see cref="Commit"/> succeeded.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>
    /// Makes the layer visible, whole and durable, in one step. Its contents have to be on the disk already; those of a
    /// completed volume are.
    /// </summary>
    /// <param name="host">Name of the host that made it.</param>
    /// <param name="identity">Which layer it became, of the chain ids that it was begun with.</param>
    /// <param name="counts">How much is in it, where that was counted.</param>
    /// <exception cref="StoreException">A layer below is not in the store.</exception>
    public StoredLayer Commit(string host, LayerIdentity identity, LayerCounts? counts = null)
    {
        if (identity.ChainId != ChainId || identity.ParentChainId != ParentChainId)
            throw new ArgumentException("It was begun as another layer.", nameof(identity));
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (IsCommitted)
            throw new InvalidOperationException("The layer is committed.");
        WriteChain();
        // In its place the record alone makes it a layer; else it comes there with its record.
        using (HostFolder layers = HostFolder.Open(_paths.Layers))
        {
            if (_isInPlace)
                layers.Sync();
            StoreRecords.WriteLayer(Folder, identity, host, counts);
            if (!_isInPlace)
            {
                string name = ChainId.Hex;
                using HostFolder holder = HostFolder.Open(_holder);
                _before = _paths.TryMoveAside(name);
                holder.Rename(name, layers, name);
                layers.Sync();
            }
        }

        IsCommitted = true;
        return new StoredLayer(identity, _paths.LayerOf(ChainId), host) { Counts = counts };
    }

    /// <summary>What could not be removed when this was disposed, and why; null where all is gone.</summary>
    internal string? Leftover { get; private set; }

    /// <summary>
    /// Gives the layer up, if it is not committed, and lets others make it; what had its place before has it again. What cannot be removed
    /// now is left to the collection of leftovers.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        try
        {
            using HostFolder temporary = HostFolder.Open(_paths.Temporary);
            if (_isInPlace && !IsCommitted && Directory.Exists(Folder))
                temporary.RemoveTree(Path.GetFileName(_paths.MoveAside(ChainId.Hex)));
            temporary.RemoveTree(Path.GetFileName(_holder));
            if (_before is { } before && !IsCommitted)
                _paths.MoveBack(before, ChainId.Hex);
            _lock.Remove();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // Whoever disposes may have a failure on its way that says more, and tells of this too, or a layer that is committed and whole.
            Leftover = cause.Message;
        }
        finally
        {
            _lock.Dispose();
        }
    }

    // A host whose layers Windows uses has written the chain itself, with its import. Written here, before the record that syncs the
    // folder.
    private void WriteChain()
    {
        if (ParentChainId is null || File.Exists(Path.Combine(Folder, LayerChain.FileName)))
            return;
        List<string> parents = [];
        for (Digest? next = ParentChainId; next is { } id;)
        {
            string folder = _paths.LayerOf(id);
            StoredLayer parent = StoreRecords.ReadLayer(folder)
                ?? throw new StoreException($"the layer below, {id}, is not in the store", "Unpack the image again.");
            parents.Add(folder);
            next = parent.Identity.ParentChainId;
        }

        try
        {
            LayerChain.Create([.. parents]).WriteFile(Folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot write", Path.Combine(Folder, LayerChain.FileName));
        }
    }
}
