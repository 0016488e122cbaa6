namespace WinLayers.Storage;

/// <summary>
/// While one is held, by any process, no layer and no blob is collected: whoever pulls or unpacks an image holds one until the image is
/// listed or recorded.
/// </summary>
public sealed class StoreLease : IDisposable
{
    private readonly StoreLock _lock;
    private readonly FileStream? _user;

    internal StoreLease(StoreLock held, FileStream? user)
    {
        _lock = held;
        _user = user;
    }

    /// <summary>Gives the lease up.</summary>
    public void Dispose()
    {
        try
        {
            StoreUsers.Leave(_user);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // It says nothing any more, since its lock is gone; whoever asks next removes it.
        }
        finally
        {
            _lock.Dispose();
        }
    }
}
