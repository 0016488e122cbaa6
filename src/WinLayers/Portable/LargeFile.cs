using System.Diagnostics.CodeAnalysis;

namespace WinLayers.Portable;

/// <summary>The bytes of a large file between the thread that reads the layer and the worker that writes it.</summary>
/// <remarks>
/// A queue under a lock, which needs no disposing: the worker is done as soon as it sees the end, and must not take away what the
/// thread that said so is still inside of.
/// </remarks>
internal sealed class LargeFile
{
    private readonly object _gate = new();
    private readonly Queue<(byte[] Slab, int Length)> _chunks = new();
    private bool _isFinished;
    private bool _isWhole;

    /// <summary>Whether all bytes came; otherwise the reading of the layer failed, which is reported there.</summary>
    public bool IsWhole
    {
        get
        {
            lock (_gate)
                return _isWhole;
        }
    }

    public void Add(byte[] slab, int length)
    {
        lock (_gate)
        {
            _chunks.Enqueue((slab, length));
            Monitor.Pulse(_gate);
        }
    }

    public void Finish(bool isWhole)
    {
        lock (_gate)
        {
            _isWhole = isWhole;
            _isFinished = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits for the next chunk; false after the last.</summary>
    public bool TryTake([NotNullWhen(true)] out byte[]? slab, out int length)
    {
        lock (_gate)
        {
            while (_chunks.Count == 0 && !_isFinished)
                Monitor.Wait(_gate);
            if (_chunks.TryDequeue(out (byte[] Slab, int Length) chunk))
            {
                (slab, length) = chunk;
                return true;
            }

            (slab, length) = (null, 0);
            return false;
        }
    }
}
