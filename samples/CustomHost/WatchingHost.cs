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

    public ILayerVolume CreateVolume(string layerFolder, LayerIdentity identity) =>
        Told($"start    {identity.ChainId}").CreateVolume(layerFolder, identity);

    public ILayerVolume CreateStaging(ILayerVolume volume, string stagingFolder) => inner.CreateStaging(volume, stagingFolder);

    public void Import(ILayerVolume volume, ILayerVolume staging, LayerChain parents) =>
        Told($"import   over {parents.Count} layers").Import(volume, staging, parents);

    public void ProcessBaseLayer(string layerFolder) => Told("process  base layer").ProcessBaseLayer(layerFolder);

    public void ProcessUtilityVm(string utilityVmFolder) => Told("process  Utility VM").ProcessUtilityVm(utilityVmFolder);

    public void SetIdentity(string layerFolder, LayerIdentity identity) => inner.SetIdentity(layerFolder, identity);

    public LayerVerification Verify(
        string layerFolder, LayerChain parents, LayerIdentity? expected = null, IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) =>
        inner.Verify(layerFolder, parents, expected, progress, cancellationToken);

    public void Export(string layerFolder, Stream tar, string workFolder, LayerChain? parents = null) =>
        inner.Export(layerFolder, tar, workFolder, parents);

    public void Destroy(string layerFolder) => Told($"destroy  {layerFolder}").Destroy(layerFolder);

    private ILayerHost Told(string what)
    {
        output.WriteLine(what);
        return inner;
    }
}
