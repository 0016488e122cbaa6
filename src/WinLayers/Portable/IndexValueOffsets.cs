using WinLayers.Formats.Names;

namespace WinLayers.Portable;

/// <summary>Where in an index the line of each value starts, by its kind and number.</summary>
internal sealed class IndexValueOffsets
{
    private readonly ChunkedList<long>?[] _kinds = new ChunkedList<long>?[(int)IndexValueKind.Reparse + 1];

    /// <summary>The offset of a value's line.</summary>
    /// <exception cref="FormatException">There is no such value.</exception>
    public long this[IndexValueKind kind, int number] =>
        _kinds[(int)kind] is { } offsets && number >= 0 && number < offsets.Count
            ? offsets[number]
            : throw new FormatException($"value {number} of the kind {kind} is missing");

    /// <summary>Notes the next one of a kind; tells its number.</summary>
    public int Add(IndexValueKind kind, long offset) => (_kinds[(int)kind] ??= new ChunkedList<long>()).Add(offset);
}
