using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Oci.Digests;

namespace WinLayers.Portable;

/// <summary>What a line of <c>layer.jsonl</c> says of its path.</summary>
public enum LayerIndexKind
{
    /// <summary>A file, perhaps a reparse point.</summary>
    File,

    /// <summary>A directory, perhaps a reparse point. A second line for the same path replaces the first.</summary>
    Directory,

    /// <summary>A further name of a file of this layer or one below.</summary>
    Link,

    /// <summary>The path and everything below it is gone, here and in the layers below.</summary>
    Removed,
}

/// <summary>An alternate stream in the index; its bytes are in <c>streams/</c> under their SHA-256.</summary>
/// <param name="Name">The bare name.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="Sha256">Their digest.</param>
public sealed record LayerIndexStream(string Name, long Size, Digest Sha256);

/// <summary>
/// One entry of a portable layer's index. The lines in order, each changing what the ones before said, give the layer.
/// </summary>
public sealed record LayerIndexEntry
{
    private static readonly FileMetadata NoMetadata = new();

    /// <summary>The path, spelled as the layer spells it.</summary>
    public required LayerPath Path { get; init; }

    /// <summary>What the line says.</summary>
    public required LayerIndexKind Kind { get; init; }

    /// <summary>Bytes of the unnamed stream.</summary>
    public long Size { get; init; }

    /// <summary>Digest of the unnamed stream: on files, and on links that lead to another layer.</summary>
    public Digest? Sha256 { get; internal set; }

    /// <summary>
    /// Metadata: on files, directories, and links that lead to another layer. A link in its own layer has that of its target.
    /// </summary>
    public FileMetadata Metadata { get; init; } = NoMetadata;

    /// <summary>Alternate streams in the order of the layer.</summary>
    public IReadOnlyList<LayerIndexStream> Streams { get; internal set; } = [];

    /// <summary>Where a link leads.</summary>
    public LayerPath? Target { get; init; }

    /// <summary>The chain id of the layer that holds a link's target.</summary>
    public Digest? From { get; init; }

    /// <summary>A link that is a copy, because the file system could not link.</summary>
    public bool IsCopy { get; init; }

    /// <summary>The last component cannot be a name on the host: it is kept under a substitute (see <see cref="StoredNames"/>).</summary>
    public bool IsStoredAside { get; init; }
}
