using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Storage;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>What a store's images and its layers themselves say of layers: enough to make each again.</summary>
internal sealed class KnownLayers(LayerStore store, ILayerHost host)
{
    private readonly Dictionary<Digest, (LayerToApply Layer, string? Reference)> _layers = [];
    private readonly Dictionary<Digest, IReadOnlyList<Digest>> _chains = [];

    /// <summary>Takes what an image says of its layers.</summary>
    public void Add(StoredImage image, string? reference)
    {
        IReadOnlyList<Digest> chain = ChainId.OfAll(image.Config.DiffIds);
        _chains[image.Manifest.Raw.Digest] = [.. chain.Reverse()];
        for (int i = 0; i < chain.Count; i++)
            Add(chain[i], i == 0 ? null : chain[i - 1], image.Manifest.Layers[i], image.Config.DiffIds[i], reference);
    }

    /// <summary>Takes what an image says of one of its layers. One whose blob is in the store, or can be fetched, is preferred.</summary>
    public void Add(Digest chainId, Digest? parent, Descriptor blob, Digest diffId, string? reference)
    {
        if (_layers.TryGetValue(chainId, out (LayerToApply Layer, string? Reference) known)
            && (store.Blobs.Contains(known.Layer.Blob) || (!store.Blobs.Contains(blob) && known.Reference is not null)))
            return;
        _layers[chainId] = (new LayerToApply { ChainId = chainId, ParentChainId = parent, Blob = blob, DiffId = diffId }, reference);
    }

    /// <summary>The layers of an image that was added, child to parent; null for another.</summary>
    public IReadOnlyList<Digest>? ChainOf(Digest manifest) => _chains.GetValueOrDefault(manifest);

    /// <summary>How to make a layer; null where nothing tells.</summary>
    public (LayerToApply Layer, string? Reference)? Find(Digest chainId)
    {
        if (_layers.TryGetValue(chainId, out (LayerToApply, string?) known))
            return known;
        if (IdentityOf(chainId) is not { } identity || !store.Blobs.Contains(identity.Digest))
            return null;

        // What it is compressed with, its bytes tell.
        var blob = new Descriptor
        {
            MediaType = MediaTypes.OciLayer,
            Digest = identity.Digest,
            Size = new FileInfo(store.Blobs.PathOf(identity.Digest)).Length,
        };
        return (new LayerToApply { ChainId = chainId, ParentChainId = identity.ParentChainId, Blob = blob, DiffId = identity.DiffId },
            null);
    }

    /// <summary>Which layer it is, as its record or its host says; null where both are damaged, or say something that cannot be.</summary>
    public LayerIdentity? IdentityOf(Digest chainId)
    {
        LayerIdentity? identity = store.FindUsable(chainId)?.Identity;
        string folder = store.Paths.LayerOf(chainId);
        if (identity is null && new DirectoryInfo(folder) is { Exists: true, LinkTarget: null })
            identity = host.FindIdentity(folder);
        return identity is not null && identity.ChainId == chainId && ChainId.Of(identity.ParentChainId, identity.DiffId) == chainId
            ? identity
            : null;
    }

    /// <summary>The layer below; null for a base layer, and where nothing tells.</summary>
    public Digest? ParentOf(Digest chainId) =>
        _layers.TryGetValue(chainId, out (LayerToApply Layer, string? Reference) known) ? known.Layer.ParentChainId
            : IdentityOf(chainId)?.ParentChainId;
}
