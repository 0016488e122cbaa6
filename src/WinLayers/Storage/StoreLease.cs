namespace WinLayers.Storage;

/// <summary>While one is held, by any process, no layer is collected: whoever unpacks an image holds one until the image is recorded.</summary>
public sealed class StoreLease : IDisposable
{
    private readonly StoreLock _lock;

    internal StoreLease(StoreLock held) => _lock = held;

    /// <summary>Gives the lease up.</summary>
    public void Dispose() => _lock.Dispose();
}
