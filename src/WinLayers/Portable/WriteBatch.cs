using Microsoft.Win32.SafeHandles;

namespace WinLayers.Portable;

/// <summary>One entry on its way to the disk and into the index.</summary>
/// <param name="Entry">What the index says; a worker adds the digest.</param>
/// <param name="Values">The numbers of its values.</param>
/// <param name="NewValues">Those that are used for the first time; null where there are none.</param>
/// <param name="File">The file to fill, made already; null where there is nothing to write. The worker closes it.</param>
/// <param name="Offset">Where its bytes start in the batch.</param>
internal readonly record struct PendingEntry(
    LayerIndexEntry Entry, IndexValueNumbers Values, List<NewIndexValue>? NewValues, SafeFileHandle? File = null, int Offset = 0);

/// <summary>Entries that follow each other, with the bytes of their small files, handled by one worker at once.</summary>
internal sealed class WriteBatch(long sequence)
{
    public long Sequence { get; } = sequence;

    public List<PendingEntry> Entries { get; } = [];

    /// <summary>The bytes of the files; null where no file has any.</summary>
    public byte[]? Slab { get; set; }

    public int Used { get; set; }

    public int Files { get; set; }

    /// <summary>A file of its own whose bytes come in chunks while it is written already; then it is the only entry.</summary>
    public LargeFile? Large { get; init; }
}
