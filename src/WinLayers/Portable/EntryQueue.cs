using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Tar;

namespace WinLayers.Portable;

/// <summary>
/// Gathers the entries of a layer in their order into batches and hands them to the writers. Small files are read into the batch's slab;
/// a large one is handed over in chunks while it is read.
/// </summary>
internal sealed class EntryQueue(WriterPool pool, IndexAppender index)
{
    private const int SmallFile = 256 << 10;

    // Open files wait in batches: together with the number of slabs this bounds how many there are.
    private const int FilesInBatch = 32;
    private const int EntriesInBatch = 256;

    private readonly IndexValues _values = new();
    private WriteBatch? _batch;
    private long _sequence;
    private int _entries;

    /// <summary>Adds an entry without data of its own; returns its number.</summary>
    public int Add(LayerIndexEntry entry) => Add(entry, file: null, offset: 0);

    /// <summary>
    /// Reads a file's data, then its streams, and adds the entry; returns its number. The file is closed by whoever writes it.
    /// </summary>
    public int AddFile(LayerIndexEntry entry, SafeFileHandle file, EntryContent content, StreamStore streams)
    {
        if (entry.Size > SmallFile)
            return AddLarge(entry, file, content, streams);
        int length = (int)entry.Size;
        if (_batch is not null
            && (_batch.Files == FilesInBatch || (_batch.Slab is not null && _batch.Used + length > WriterPool.SlabBytes)))
            Flush();
        int offset = 0;
        try
        {
            if (length > 0)
            {
                WriteBatch batch = Batch();
                batch.Slab ??= pool.RentSlab();
                offset = batch.Used;
                content.Data.ReadExactly(batch.Slab, offset, length);
                batch.Used += length;
            }

            entry.Streams = streams.StoreAll(content);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        Batch().Files++;
        return Add(entry, file, offset);
    }

    /// <summary>Hands over what is gathered.</summary>
    public void Flush()
    {
        if (_batch is null)
            return;
        WriteBatch batch = _batch;
        _batch = null;
        pool.Enqueue(batch);
    }

    /// <summary>Waits until everything added is on the disk and in the index, or a writer failed.</summary>
    public void Drain()
    {
        Flush();
        index.WaitFor(_sequence, () => pool.HasFailed);
        pool.ThrowIfFailed();
    }

    /// <summary>Closes what was gathered and is not wanted any more.</summary>
    public void Abandon()
    {
        if (_batch is null)
            return;
        foreach (PendingEntry pending in _batch.Entries)
            pending.File?.Dispose();
        if (_batch.Slab is { } slab)
            pool.ReturnSlab(slab);
        _batch = null;
    }

    private int AddLarge(LayerIndexEntry entry, SafeFileHandle file, EntryContent content, StreamStore streams)
    {
        Flush();
        LargeFile large = new();
        WriteBatch batch = new(_sequence++) { Large = large };
        IndexValueNumbers numbers = _values.NumbersOf(entry.Metadata, out List<NewIndexValue>? isNew);
        batch.Entries.Add(new PendingEntry(entry, numbers, isNew, file));
        pool.Enqueue(batch);
        bool isWhole = false;
        try
        {
            for (long left = entry.Size; left > 0;)
            {
                pool.ThrowIfFailed();
                int length = (int)Math.Min(left, WriterPool.SlabBytes);
                byte[] slab = pool.RentSlab();
                try
                {
                    content.Data.ReadExactly(slab, 0, length);
                }
                catch
                {
                    pool.ReturnSlab(slab);
                    throw;
                }

                large.Add(slab, length);
                left -= length;
            }

            entry.Streams = streams.StoreAll(content);
            isWhole = true;
        }
        finally
        {
            large.Finish(isWhole);
        }

        return _entries++;
    }

    private int Add(LayerIndexEntry entry, SafeFileHandle? file, int offset)
    {
        WriteBatch batch = Batch();
        IndexValueNumbers numbers = _values.NumbersOf(entry.Metadata, out List<NewIndexValue>? isNew);
        batch.Entries.Add(new PendingEntry(entry, numbers, isNew, file, offset));
        if (batch.Entries.Count == EntriesInBatch)
            Flush();
        return _entries++;
    }

    private WriteBatch Batch() => _batch ??= new WriteBatch(_sequence++);
}
