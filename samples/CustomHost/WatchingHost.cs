using WinLayers.Hosts;
using WinLayers.Volumes;

namespace WinLayers.CustomHost;

/// <summary>Tells what is done to layers, and has another host do it.</summary>
internal sealed class WatchingHost(ILayerHost inner, TextWriter output) : ILayerHost
{
    public string Name => inner.Name;

    public bool BuildsInPlace => inner.BuildsInPlace;

    public Guid GetLayerId(string layerFolder) => inner.GetLayerId(layerFolder);

    public ILayerTree OpenTree(string layerFolder) => inner.OpenTree(layerFolder);

    public ILayerVolume CreateVolume(string layerFolder, LayerIdentity identity)
    {
        output.WriteLine($"start    {identity.ChainId}");
        return inner.CreateVolume(layerFolder, identity);
    }

    public ILayerVolume CreateStaging(ILayerVolume volume, string stagingFolder) => inner.CreateStaging(volume, stagingFolder);

    public void Import(ILayerVolume volume, ILayerVolume staging, LayerChain parents)
    {
        output.WriteLine($"import   over {parents.Count} layers");
        inner.Import(volume, staging, parents);
    }

    public void ProcessBaseLayer(string layerFolder)
    {
        output.WriteLine("process  base layer");
        inner.ProcessBaseLayer(layerFolder);
    }

    public void ProcessUtilityVm(string utilityVmFolder)
    {
        output.WriteLine("process  Utility VM");
        inner.ProcessUtilityVm(utilityVmFolder);
    }

    public void Destroy(string layerFolder)
    {
        output.WriteLine($"destroy  {layerFolder}");
        inner.Destroy(layerFolder);
    }
}
