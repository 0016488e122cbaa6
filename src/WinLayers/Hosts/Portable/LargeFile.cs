using System.Collections.Concurrent;

namespace WinLayers.Hosts.Portable;

/// <summary>The bytes of a large file between the thread that reads the layer and the worker that writes it.</summary>
internal sealed class LargeFile : IDisposable
{
    private readonly BlockingCollection<(byte[] Slab, int Length)> _chunks = [];

    /// <summary>The chunks in order, until <see cref="Finish"/>.</summary>
    public IEnumerable<(byte[] Slab, int Length)> Chunks => _chunks.GetConsumingEnumerable();

    /// <summary>Whether all bytes came; otherwise the reading of the layer failed, which is reported there.</summary>
    public bool IsWhole { get; private set; }

    public void Add(byte[] slab, int length) => _chunks.Add((slab, length));

    public void Finish(bool isWhole)
    {
        IsWhole = isWhole;
        _chunks.CompleteAdding();
    }

    public void Dispose() => _chunks.Dispose();
}
