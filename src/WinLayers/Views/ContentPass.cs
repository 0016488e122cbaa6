using WinLayers.Formats.Names;
using WinLayers.Volumes;

namespace WinLayers.Views;

/// <summary>
/// One way through a layer's contents, front to back, for whoever wants many of them. Used by one thread at a time.
/// </summary>
public abstract class ContentPass : IDisposable
{
    /// <summary>Opens an entry's data and streams. What was opened is disposed of, or no longer used, before the next call.</summary>
    /// <param name="path">The entry's path.</param>
    /// <param name="position">
    /// The entry's <see cref="ListingEntry.Position"/>. Calls come by rising position; entries that share one come by their paths.
    /// </param>
    public abstract OpenContent Open(LayerPath path, long position);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what the pass holds open.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
