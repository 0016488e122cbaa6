using WinLayers.Formats.Names;
using WinLayers.Volumes;

namespace WinLayers.Views;

/// <summary>One way through a layer's contents, front to back.</summary>
internal abstract class ContentPass : IDisposable
{
    /// <summary>Opens an entry's data and streams, until the next call; entries come by rising position.</summary>
    public abstract OpenContent Open(LayerPath path, long position);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
