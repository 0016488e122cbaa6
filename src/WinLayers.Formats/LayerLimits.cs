namespace WinLayers.Formats;

/// <summary>What a layer may cost at most. The defaults fit every real layer; raise one only for input you trust.</summary>
public sealed record LayerLimits
{
    /// <summary>The defaults.</summary>
    public static LayerLimits Default { get; } = new();

    /// <summary>Bytes of one PAX header block.</summary>
    public int PaxBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one security descriptor.</summary>
    public int SecurityDescriptorBytes { get; init; } = 64 << 10;

    /// <summary>Bytes of one entry's extended attributes, encoded.</summary>
    public int ExtendedAttributeBytes { get; init; } = 64 << 10;

    /// <summary>Bytes of one reparse buffer.</summary>
    public int ReparseBytes { get; init; } = 16 << 10;

    /// <summary>Entries in one layer.</summary>
    public long Entries { get; init; } = 10_000_000;

    /// <summary>Uncompressed bytes for each compressed byte, counted as the layer streams.</summary>
    public int ExpansionRatio { get; init; } = 1_000;
}
