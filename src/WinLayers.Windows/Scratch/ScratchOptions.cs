namespace WinLayers.Windows.Scratch;

/// <summary>What a scratch layer is for.</summary>
public enum ScratchIsolation
{
    /// <summary>A container that shares the host's kernel: the layer is created, activated, prepared and has a volume.</summary>
    Process,

    /// <summary>
    /// A container in a virtual machine of its own: the layer is created only. An activated disk cannot be attached to a machine.
    /// </summary>
    HyperV,
}

/// <summary>How a scratch layer is made and mounted.</summary>
public enum ScratchMethod
{
    /// <summary>The layer calls of vmcompute.dll: every Windows with containers.</summary>
    Sandbox,

    /// <summary>
    /// A virtual disk of its own and the storage filter of computestorage.dll: Windows Server 2019 and later, process isolation only.
    /// </summary>
    StorageFilter,
}

/// <summary>How to make a scratch layer.</summary>
public sealed record ScratchOptions
{
    /// <summary>The defaults: process isolation, the system's own size.</summary>
    public static ScratchOptions Default { get; } = new();

    /// <summary>What the layer is for.</summary>
    public ScratchIsolation Isolation { get; init; }

    /// <summary>How it is made.</summary>
    public ScratchMethod Method { get; init; }

    /// <summary>
    /// Bytes of the layer's disk; null for what Windows takes (20 GiB). A sandbox only grows; a disk of the storage filter has whole
    /// sectors of 512 bytes.
    /// </summary>
    public long? SizeBytes { get; init; }

    /// <summary>The clock of the short waits between attempts.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
