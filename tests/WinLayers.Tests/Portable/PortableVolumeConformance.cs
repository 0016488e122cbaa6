using WinLayers.Testing;
using WinLayers.Tests.Volumes;
using WinLayers.Volumes;

namespace WinLayers.Tests.Portable;

public sealed class PortableVolumeConformance : LayerVolumeConformance, IDisposable
{
    private readonly TestLayers _layers = new();
    private int _volumes;

    public void Dispose() => _layers.Dispose();

    protected override ILayerVolume CreateVolume() => _layers.Volume($"v{++_volumes}");

    // Read as it will be later: from the folder and its index alone.
    protected override ILayerTree Finish(ILayerVolume volume)
    {
        volume.Complete();
        volume.Dispose();
        return _layers.Tree(Path.GetFileName(volume.Location));
    }
}
