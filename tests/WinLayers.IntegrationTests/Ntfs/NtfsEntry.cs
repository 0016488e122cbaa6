namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>One file or directory as a layer describes it, and what is expected of it on the volume.</summary>
internal sealed record NtfsEntry
{
    public required string Path { get; init; }

    public required bool IsDirectory { get; init; }

    public uint Attributes { get; init; }

    /// <summary>Creation, access, write and change in ticks; zero where the layer gives none.</summary>
    public IReadOnlyList<long> Times { get; init; } = [0, 0, 0, 0];

    public byte[]? Security { get; init; }

    public byte[]? ExtendedAttributes { get; init; }

    public byte[]? Reparse { get; init; }

    /// <summary>The unnamed stream of a file.</summary>
    public Func<byte[]>? Content { get; init; }

    public IReadOnlyDictionary<string, Func<byte[]>> Streams { get; init; } = new Dictionary<string, Func<byte[]>>(StringComparer.Ordinal);

    /// <summary>The other name of the same file; null for one that stands for itself.</summary>
    public string? Target { get; init; }
}
