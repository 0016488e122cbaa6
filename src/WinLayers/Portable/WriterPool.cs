using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;

namespace WinLayers.Portable;

/// <summary>
/// A few threads that hash, write and close files, and write their lines of the index. Memory is bounded by the number of slabs: who
/// wants one more waits until a worker has returned one. Workers wait for nothing but their own large file's chunks, so they always get on.
/// </summary>
internal sealed class WriterPool : IDisposable
{
    /// <summary>Bytes in a slab.</summary>
    public const int SlabBytes = 512 << 10;

    private readonly BlockingCollection<WriteBatch> _queue = [];
    private readonly SemaphoreSlim _slabs;
    private readonly SemaphoreSlim _batches = new(64);
    private readonly IndexAppender _index;
    private readonly HostFolder _host;
    private readonly List<Thread> _threads = [];
    private readonly int _threadLimit = Math.Clamp(Environment.ProcessorCount, 1, 4);
    private ExceptionDispatchInfo? _failure;

    public WriterPool(IndexAppender index, HostFolder host)
    {
        _index = index;
        _host = host;
        _slabs = new SemaphoreSlim(8 + (2 * _threadLimit));
    }

    /// <summary>Whether a worker failed.</summary>
    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>Throws the first failure of a worker, if there was one.</summary>
    public void ThrowIfFailed() => Volatile.Read(ref _failure)?.Throw();

    public byte[] RentSlab()
    {
        _slabs.Wait();
        return ArrayPool<byte>.Shared.Rent(SlabBytes);
    }

    public void ReturnSlab(byte[] slab)
    {
        ArrayPool<byte>.Shared.Return(slab);
        _slabs.Release();
    }

    public void Enqueue(WriteBatch batch)
    {
        _batches.Wait();
        if (_threads.Count < _threadLimit)
        {
            Thread thread = new(Work) { IsBackground = true, Name = $"layer writer {_threads.Count + 1}" };
            _threads.Add(thread);
            thread.Start();
        }

        _queue.Add(batch);
    }

    /// <summary>Waits until everything enqueued is dealt with. Nothing can be enqueued after it.</summary>
    public void Finish()
    {
        _queue.CompleteAdding();
        foreach (Thread thread in _threads)
            thread.Join();
        _threads.Clear();
    }

    public void Dispose()
    {
        Finish();
        _queue.Dispose();
        _slabs.Dispose();
        _batches.Dispose();
    }

    private void Work()
    {
        foreach (WriteBatch batch in _queue.GetConsumingEnumerable())
        {
            try
            {
                if (Volatile.Read(ref _failure) is null)
                    Write(batch);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                Fail(DiskException.FromIO(cause, "cannot write below", _host.Location));
            }
            catch (Exception cause)
            {
                Fail(cause);
            }
            finally
            {
                Release(batch);
            }
        }
    }

    private void Fail(Exception cause)
    {
        // The first failure is the one to report; the rest follow from it.
        Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(cause), null);
        _index.Wake();
    }

    private void Write(WriteBatch batch)
    {
        if (batch.Large is { } large && !WriteLarge(batch.Entries[0], large))
            return;
        IndexBlock block = new();
        using LayerIndexWriter lines = new(block.Bytes);
        foreach (PendingEntry pending in batch.Entries)
        {
            if (pending.File is not null && batch.Large is null)
                WriteSmall(pending, batch.Slab);
            foreach (NewIndexValue value in pending.NewValues ?? [])
            {
                block.ValueOffsets.Add((value.Kind, block.Bytes.WrittenCount));
                lines.WriteValue(value);
                block.Lines++;
            }

            block.EntryOffsets.Add(block.Bytes.WrittenCount);
            lines.Write(pending.Entry, pending.Values);
            block.Lines++;
        }

        _index.Append(batch.Sequence, block);
    }

    private void WriteSmall(PendingEntry pending, byte[]? slab)
    {
        ReadOnlySpan<byte> bytes = slab is null ? default : slab.AsSpan(pending.Offset, (int)pending.Entry.Size);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        if (bytes.Length > 0)
            RandomAccess.Write(pending.File!, bytes, fileOffset: 0);
        Close(pending, Digest.FromHash(hash));
    }

    private bool WriteLarge(PendingEntry pending, LargeFile large)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long written = 0;
        while (large.TryTake(out byte[]? slab, out int length))
        {
            try
            {
                ReadOnlySpan<byte> bytes = slab.AsSpan(0, length);
                hash.AppendData(bytes);
                RandomAccess.Write(pending.File!, bytes, written);
                written += length;
            }
            finally
            {
                ReturnSlab(slab);
            }
        }

        if (!large.IsWhole)
            return false;
        Close(pending, Digest.FromHash(hash.GetCurrentHash()));
        return true;
    }

    private void Close(PendingEntry pending, Digest hash)
    {
        pending.Entry.Sha256 = hash;
        _host.SetTimes(pending.File!, pending.Entry.Metadata.Times);
        pending.File!.Dispose();
    }

    // Whatever happened: files closed, slabs returned, and chunks that still come taken off, so that nobody waits for ever.
    private void Release(WriteBatch batch)
    {
        if (batch.Large is { } large)
        {
            while (large.TryTake(out byte[]? slab, out _))
                ReturnSlab(slab);
        }

        if (batch.Slab is { } used)
            ReturnSlab(used);
        foreach (PendingEntry pending in batch.Entries)
            pending.File?.Dispose();
        _batches.Release();
    }
}
