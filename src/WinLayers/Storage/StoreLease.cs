namespace WinLayers.Storage;

/// <summary>
/// While one is held, by any process, no layer and no blob is collected: whoever pulls or unpacks an image holds one until the image is
/// listed or recorded.
/// </summary>
public sealed class StoreLease : IDisposable
{
    private readonly StoreLock _lock;

    internal StoreLease(StoreLock held) => _lock = held;

    /// <summary>Gives the lease up.</summary>
    public void Dispose() => _lock.Dispose();
}
