using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>
/// The index of a layer in the making, and the threads that write the files it lists: takes entries in order, reads back what was
/// added, and makes the whole durable.
/// </summary>
/// <remarks>
/// Calls come from one thread at a time; hashing and writing is left to a few threads, whose failures a later call reports.
/// </remarks>
internal sealed class VolumeIndex : IDisposable
{
    private readonly string _location;
    private readonly HostFolder _root;
    private readonly SafeFileHandle _file;
    private readonly IndexAppender _appender;
    private readonly LayerIndexFile _readBack;
    private readonly WriterPool _pool;
    private readonly EntryQueue _queue;

    /// <summary>Starts the index in a layer's folder, which stays the caller's.</summary>
    /// <exception cref="DiskException">The folder cannot be written, or a layer is in it already.</exception>
    public VolumeIndex(HostFolder root, string location, LayerIdentity identity)
    {
        _location = location;
        _root = root;
        _file = root.TryMakeFile(StoredNames.Index)
            ?? throw DiskException.FromIO(new IOException("a layer is there already"), "cannot start a layer in", location);
        _appender = new IndexAppender(_file);
        _readBack = new LayerIndexFile(_file, Path.Combine(location, StoredNames.Index), _appender.OffsetOf);
        _pool = new WriterPool(_appender, root);
        _queue = new EntryQueue(_pool, _appender);
        Streams = new StreamStore(root);
        try
        {
            _appender.AppendHeader(identity);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw DiskException.FromIO(cause, "cannot start a layer in", location);
        }
    }

    /// <summary>The alternate streams that its entries name.</summary>
    public StreamStore Streams { get; }

    /// <summary>Reports a failure of a writer.</summary>
    public void ThrowIfFailed() => _pool.ThrowIfFailed();

    /// <summary>Adds an entry without data of its own; returns its number.</summary>
    public int Add(LayerIndexEntry entry) => _queue.Add(entry);

    /// <summary>Reads a file's data and streams and adds its entry; returns its number. The file is closed once it is written.</summary>
    public int AddFile(LayerIndexEntry entry, SafeFileHandle file, EntryContent content) => _queue.AddFile(entry, file, content, Streams);

    /// <summary>The entry with this number. What was added before it is on the disk when it returns.</summary>
    public LayerIndexEntry Read(int entry)
    {
        _queue.Drain();
        return _readBack.ReadAt(_appender.OffsetOf(entry));
    }

    /// <summary>Waits until everything added is written. Nothing is added after it.</summary>
    public void FinishWriting()
    {
        _queue.Flush();
        _pool.Finish();
        _pool.ThrowIfFailed();
    }

    /// <summary>Ends the index, once everything is written. The layer is durable when it returns: synced once as a whole.</summary>
    public void End()
    {
        try
        {
            _appender.Finish();
            _root.SyncFileSystem();
            RandomAccess.FlushToDisk(_file);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot finish the layer in", _location);
        }
    }

    /// <summary>Stops the writers and closes everything. What was made stays; an index that was not ended has no end line.</summary>
    public void Dispose()
    {
        _queue.Abandon();
        _pool.Dispose();
        _readBack.Dispose();
        _appender.Dispose();
        Streams.Dispose();
        _file.Dispose();
    }
}
