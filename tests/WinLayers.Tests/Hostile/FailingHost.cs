using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Hosts;
using WinLayers.Portable;
using WinLayers.Volumes;

namespace WinLayers.Tests.Hostile;

/// <summary>The portable host with a disk that fails at the n-th call of a volume, tree or the host itself, once.</summary>
internal sealed class FailingHost(int failAt, bool inPlace) : ILayerHost
{
    private readonly PortableLayerHost _inner = PortableLayerHost.Instance;
    private int _calls;

    /// <summary>Whether the failure came.</summary>
    public bool HasFailed => _calls >= failAt;

    public string Name => _inner.Name;

    public bool BuildsInPlace => inPlace;

    public Guid GetLayerId(string layerFolder) => _inner.GetLayerId(layerFolder);

    public ILayerVolume CreateVolume(string layerFolder, LayerIdentity identity)
    {
        Count();
        return new FailingVolume(this, (PortableVolume)_inner.CreateVolume(layerFolder, identity));
    }

    public ILayerTree OpenTree(string layerFolder)
    {
        Count();
        return _inner.OpenTree(layerFolder);
    }

    public ILayerVolume CreateStaging(ILayerVolume layer, string stagingFolder)
    {
        Count();
        return layer;
    }

    public void Import(ILayerVolume layer, ILayerVolume staging, LayerChain parents)
    {
        Count();
        ILayerVolume inner = ((FailingVolume)layer).Inner;
        _inner.Import(inner, inner, parents);
    }

    public void ProcessBaseLayer(string layerFolder)
    {
        Count();
        _inner.ProcessBaseLayer(layerFolder);
    }

    public void ProcessUtilityVm(string utilityVmFolder)
    {
        Count();
        _inner.ProcessUtilityVm(utilityVmFolder);
    }

    public void SetIdentity(string layerFolder, LayerIdentity identity) => _inner.SetIdentity(layerFolder, identity);

    public LayerVerification Verify(
        string layerFolder, LayerChain parents, LayerIdentity? expected = null,
            IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        _inner.Verify(layerFolder, parents, expected, progress, cancellationToken);

    public void Export(string layerFolder, Stream tar, string workFolder, LayerChain? parents = null) =>
        _inner.Export(layerFolder, tar, workFolder, parents);

    public void Destroy(string layerFolder) => _inner.Destroy(layerFolder);

    private void Count()
    {
        if (Interlocked.Increment(ref _calls) == failAt)
            throw new IOException($"the disk failed at call {failAt}");
    }

    private sealed class FailingVolume(FailingHost host, PortableVolume inner) : ILayerVolume
    {
        public PortableVolume Inner => inner;

        public string Location => inner.Location;

        public VolumeNode? Find(LayerPath path) => Then(() => inner.Find(path));

        public IEnumerable<VolumeNode> Enumerate(LayerPath directory) => Then(() => inner.Enumerate(directory));

        public FileMetadata ReadMetadata(LayerPath path) => Then(() => inner.ReadMetadata(path));

        public OpenContent OpenRead(LayerPath path) => Then(() => inner.OpenRead(path));

        public void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content) =>
            Then(() => inner.CreateDirectory(path, metadata, content));

        public void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content) =>
            Then(() => inner.CreateFile(path, metadata, content));

        public void UpdateDirectory(LayerPath path, FileMetadata metadata, EntryContent content) =>
            Then(() => inner.UpdateDirectory(path, metadata, content));

        public void Link(LayerPath path, LayerPath target, ILayerTree from) =>
            Then(() => inner.Link(path, target, from is FailingVolume own ? own.Inner : from));

        public void Remove(LayerPath path) => Then(() => inner.Remove(path));

        public void SetDirectoryTimes(LayerPath path, FileAttributes attributes, FileTimes times) =>
            Then(() => inner.SetDirectoryTimes(path, attributes, times));

        public void SaveCopy(LayerPath path, string savedName) => Then(() => inner.SaveCopy(path, savedName));

        public void Complete() => Then(inner.Complete);

        public void Dispose() => inner.Dispose();

        private void Then(Action call)
        {
            host.Count();
            call();
        }

        private T Then<T>(Func<T> call)
        {
            host.Count();
            return call();
        }
    }
}
