using WinLayers.Hosts;

namespace WinLayers.Storage;

/// <summary>A check in the making: what was looked at, and what was found wrong.</summary>
internal sealed class StoreFindings
{
    private readonly List<StoreProblem> _problems = [];
    private readonly List<StoredLayer> _notChecked = [];
    private int _layers;
    private long _files;
    private int _blobs;
    private long _bytes;

    public void Add(string where, LayerProblemKind kind, string detail, StoreRemedy remedy = StoreRemedy.None, string? reference = null) =>
        _problems.Add(new StoreProblem(where, Path: null, kind, detail) { Remedy = remedy, Reference = reference });

    public void AddInLayer(string folder, string path, LayerProblemKind kind, string detail) =>
        _problems.Add(new StoreProblem(folder, path.Length > 0 ? path : null, kind, detail) { Remedy = StoreRemedy.Repair });

    public void CountBlob(long bytes)
    {
        _blobs++;
        _bytes += bytes;
    }

    public void CountBytes(long bytes) => _bytes += bytes;

    public void CountLayers(StoreVerification found)
    {
        _layers += found.Verified.Count;
        _files += found.Files;
        _bytes += found.Bytes;
        _notChecked.AddRange(found.NotChecked);
    }

    public StoreReport ToReport() => new(_layers, _files, _blobs, _bytes, _problems, _notChecked);
}
