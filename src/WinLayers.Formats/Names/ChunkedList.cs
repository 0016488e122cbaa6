namespace WinLayers.Formats.Names;

/// <summary>A list that grows by whole chunks: nothing is copied while it grows, and references to items stay valid.</summary>
internal sealed class ChunkedList<T>
    where T : struct
{
    private const int ChunkBits = 12;
    private const int ChunkSize = 1 << ChunkBits;

    private readonly List<T[]> _chunks = [];

    public int Count { get; private set; }

    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref _chunks[index >> ChunkBits][index & (ChunkSize - 1)];
        }
    }

    public int Add(T item)
    {
        if (Count == _chunks.Count << ChunkBits)
            _chunks.Add(new T[ChunkSize]);
        int index = Count++;
        _chunks[index >> ChunkBits][index & (ChunkSize - 1)] = item;
        return index;
    }
}
