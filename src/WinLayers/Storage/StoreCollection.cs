namespace WinLayers.Storage;

/// <summary>What kind of thing was collected.</summary>
public enum CollectedKind
{
    /// <summary>Work in flight of a process that is gone.</summary>
    Leftover,

    /// <summary>A layer that no image needs.</summary>
    Layer,

    /// <summary>What a download that nobody went on with left.</summary>
    PartialBlob,

    /// <summary>A blob that no image needs.</summary>
    Blob,

    /// <summary>An image's record. None is ever collected; a damaged one stands for the layers and blobs that stay because of it.</summary>
    ImageRecord,

    /// <summary>A hold. None is ever collected; a damaged one stands for the layers and blobs that stay because of it.</summary>
    Hold,

    /// <summary>A name that nothing is left of, or a damaged one that stands for the layers and blobs that stay because of it.</summary>
    Name,
}

/// <summary>Something that was collected, or that could not be.</summary>
/// <param name="Path">Its folder or file.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Failure">Why it is still there; null where it is gone.</param>
public sealed record CollectedItem(string Path, CollectedKind Kind, Exception? Failure)
{
    /// <summary>How many bytes it holds: of a layer those of its own files' contents, of anything else those of its files.</summary>
    public long Bytes { get; init; }
}

/// <summary>The outcome of a collection.</summary>
/// <param name="Items">What was collected, in order; after a dry run, what would be.</param>
/// <param name="IsBusy">Layers and blobs were left alone, because somebody holds a lease.</param>
public sealed record StoreCollection(IReadOnlyList<CollectedItem> Items, bool IsBusy)
{
    /// <summary>The bytes of what was collected, or would be.</summary>
    public long Bytes => Items.Where(item => item.Failure is null).Sum(item => item.Bytes);

    /// <summary>How many blobs and broken downloads nothing needs that are kept for their day.</summary>
    public int Kept { get; init; }

    /// <summary>Their bytes.</summary>
    public long KeptBytes { get; init; }
}
