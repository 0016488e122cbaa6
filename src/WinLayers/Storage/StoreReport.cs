using WinLayers.Hosts;

namespace WinLayers.Storage;

/// <summary>What mends a <see cref="StoreProblem"/>.</summary>
public enum StoreRemedy
{
    /// <summary>Nothing that the store itself offers.</summary>
    None,

    /// <summary>Fetching the image's blobs again.</summary>
    Pull,

    /// <summary>Unpacking the image again.</summary>
    Unpack,

    /// <summary>The next collection, which removes it.</summary>
    Collect,

    /// <summary>A repair.</summary>
    Repair,
}

/// <summary>Something in a store that is not as it should be.</summary>
/// <param name="Where">A blob's digest, or the file or folder in the store.</param>
/// <param name="Path">The path inside a layer's folder; null where it is about all of <paramref name="Where"/>.</param>
/// <param name="Kind">How it differs.</param>
/// <param name="Detail">What was found.</param>
public sealed record StoreProblem(string Where, string? Path, LayerProblemKind Kind, string Detail)
{
    /// <summary>What mends it.</summary>
    public StoreRemedy Remedy { get; init; }

    /// <summary>The image to pull or unpack for it, as a person would write it.</summary>
    public string? Reference { get; init; }
}

/// <summary>What a check of a store found.</summary>
/// <param name="Layers">Unpacked layers that were checked.</param>
/// <param name="Files">Files of them that were read.</param>
/// <param name="Blobs">Blobs that were read.</param>
/// <param name="BytesRead">Bytes of all of them; a layer's blob counts by its uncompressed bytes.</param>
/// <param name="Problems">What differs; empty where all is well.</param>
/// <param name="NotChecked">Layers of a host that keeps no digests of files.</param>
public sealed record StoreReport(
    int Layers, long Files, int Blobs, long BytesRead, IReadOnlyList<StoreProblem> Problems, IReadOnlyList<StoredLayer> NotChecked);

/// <summary>What part of a store is being checked.</summary>
public enum StoreCheckStage
{
    /// <summary>The files of unpacked layers.</summary>
    Layers,

    /// <summary>The blobs.</summary>
    Blobs,
}

/// <summary>How far a check is. The stages come one after the other.</summary>
/// <param name="Stage">What is being checked.</param>
/// <param name="Bytes">Bytes read so far in this stage: of a blob as it is stored.</param>
/// <param name="TotalBytes">How many there will be; null where that is not known.</param>
/// <param name="Count">How many blobs there are to check; files that were read, once the layers are done.</param>
/// <param name="IsDone">Whether the stage is over.</param>
public readonly record struct StoreCheckProgress(StoreCheckStage Stage, long Bytes, long? TotalBytes, long Count, bool IsDone);
