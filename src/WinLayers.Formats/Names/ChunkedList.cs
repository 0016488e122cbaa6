using System.Numerics;

namespace WinLayers.Formats.Names;

/// <summary>
/// A list that grows by whole chunks: nothing is copied while it grows, and references to items stay valid. The first chunks are small,
/// because there may be a list for each of many small layers.
/// </summary>
internal sealed class ChunkedList<T>
    where T : struct
{
    private const int ChunkBits = 12;
    private const int ChunkSize = 1 << ChunkBits;

    // 64 items, then 64, 128 and so on up to 2,048, which makes one chunk's worth; from there on whole chunks.
    private const int FirstBits = 6;
    private const int SmallChunks = ChunkBits - FirstBits + 1;

    private readonly List<T[]> _chunks = [];
    private int _capacity;

    public int Count { get; private set; }

    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref ItemAt(index);
        }
    }

    public int Add(T item)
    {
        if (Count == _capacity)
        {
            int size = Math.Clamp(_capacity, 1 << FirstBits, ChunkSize);
            _chunks.Add(new T[size]);
            _capacity += size;
        }

        int index = Count++;
        ItemAt(index) = item;
        return index;
    }

    private ref T ItemAt(int index)
    {
        if (index >= ChunkSize)
            return ref _chunks[SmallChunks - 1 + (index >> ChunkBits)][index & (ChunkSize - 1)];
        if (index < 1 << FirstBits)
            return ref _chunks[0][index];
        int bits = BitOperations.Log2((uint)index);
        return ref _chunks[bits - FirstBits + 1][index - (1 << bits)];
    }
}
