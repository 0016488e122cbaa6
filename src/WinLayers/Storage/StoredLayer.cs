using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>A finished layer of the store.</summary>
/// <param name="Identity">Which layer it is.</param>
/// <param name="Folder">Its folder; the last part is the chain id's hex digits.</param>
/// <param name="Host">Name of the host that made it: <c>portable</c>, <c>hcs</c>.</param>
public sealed record StoredLayer(LayerIdentity Identity, string Folder, string Host)
{
    /// <summary>How much is in it; null where its maker did not count, as an older version does not.</summary>
    public LayerCounts? Counts { get; init; }
}
