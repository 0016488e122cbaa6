namespace WinLayers.Storage;

/// <summary>How a store is collected.</summary>
public sealed record CollectOptions
{
    /// <summary>Only tell.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Without the day that blobs and broken downloads are kept: refused while anybody holds a lease. Other tools, which know the store as
    /// an
    /// OCI image layout alone, hold none, and must not write to it meanwhile.
    /// </summary>
    public bool Now { get; init; }
}
