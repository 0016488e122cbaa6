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

    /// <summary>Directories of one layer that no entry describes, made because something lies in them. They count as entries too.</summary>
    public int ImpliedDirectories { get; init; } = 65_536;

    /// <summary>
    /// Bytes of security descriptors, extended attributes and reparse data that global PAX headers give the entries of one layer, counted
    /// once for each entry that gets them.
    /// </summary>
    public long GlobalRecordBytes { get; init; } = 64 << 20;

    /// <summary>Layers of one image.</summary>
    public int Layers { get; init; } = 127;

    /// <summary>Uncompressed bytes for each compressed byte, counted as the layer streams.</summary>
    public int ExpansionRatio { get; init; } = 1_000;
}
