using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Names;
using WinLayers.Oci.Digests;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>The lines of some entries that follow each other, ready to be appended.</summary>
internal sealed class IndexBlock
{
    public ArrayBufferWriter<byte> Bytes { get; } = new(4096);

    /// <summary>Where in <see cref="Bytes"/> the line of each entry starts.</summary>
    public List<int> EntryOffsets { get; } = [];

    /// <summary>The same for the line of each value; those of a kind are numbered in this order.</summary>
    public List<(IndexValueKind Kind, int Offset)> ValueOffsets { get; } = [];

    /// <summary>How many lines there are.</summary>
    public int Lines { get; set; }
}

/// <summary>
/// Puts blocks of lines into the index file in their order, whatever the order in which writers finish them. Safe for several threads.
/// </summary>
internal sealed class IndexAppender(SafeFileHandle file) : IDisposable
{
    private readonly object _lock = new();
    private readonly Dictionary<long, IndexBlock> _early = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ChunkedList<long> _entryOffsets = new();
    private readonly IndexValueOffsets _valueOffsets = new();
    private long _next;
    private long _position;
    private long _lines;

    /// <summary>Appends the header line, before anything else.</summary>
    public void AppendHeader(LayerIdentity identity)
    {
        IndexBlock header = new() { Lines = 1 };
        using (LayerIndexWriter writer = new(header.Bytes))
            writer.WriteHeader(identity);
        lock (_lock)
            Put(header);
    }

    /// <summary>Takes a block; appends it as soon as all before it are there.</summary>
    public void Append(long sequence, IndexBlock block)
    {
        lock (_lock)
        {
            _early.Add(sequence, block);
            while (_early.Remove(_next, out IndexBlock? due))
            {
                Put(due);
                _next++;
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until all blocks below the sequence number are in the file, or somebody gave up.</summary>
    public void WaitFor(long sequence, Func<bool> gaveUp)
    {
        lock (_lock)
        {
            while (_next < sequence && !gaveUp())
                Monitor.Wait(_lock);
        }
    }

    /// <summary>Makes who waits look whether somebody gave up.</summary>
    public void Wake()
    {
        lock (_lock)
            Monitor.PulseAll(_lock);
    }

    /// <summary>Where the line of the entry with this number starts.</summary>
    public long OffsetOf(int entry)
    {
        lock (_lock)
            return _entryOffsets[entry];
    }

    /// <summary>Where the line of the value with this number starts.</summary>
    public long OffsetOf(IndexValueKind kind, int number)
    {
        lock (_lock)
            return _valueOffsets[kind, number];
    }

    /// <summary>Appends the end line.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            IndexBlock last = new();
            using (LayerIndexWriter writer = new(last.Bytes))
                writer.WriteEnd(_lines, Digest.FromHash(_hash.GetCurrentHash()));
            Put(last);
        }
    }

    public void Dispose() => _hash.Dispose();

    private void Put(IndexBlock block)
    {
        ReadOnlySpan<byte> bytes = block.Bytes.WrittenSpan;
        RandomAccess.Write(file, bytes, _position);
        _hash.AppendData(bytes);
        foreach (int offset in block.EntryOffsets)
            _entryOffsets.Add(_position + offset);
        foreach ((IndexValueKind kind, int offset) in block.ValueOffsets)
            _valueOffsets.Add(kind, _position + offset);
        _position += bytes.Length;
        _lines += block.Lines;
    }
}
