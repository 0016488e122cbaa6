using System.Security.Cryptography;
using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Storage;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>A layer of a list: its blob and, where it is known, what it is uncompressed.</summary>
/// <param name="Blob">Digest, size and media type.</param>
/// <param name="DiffId">The digest of its tar; null where nobody told: then the blob is read once more to find it.</param>
public readonly record struct ListedLayer(Descriptor Blob, Digest? DiffId = null);

/// <summary>
/// Unpacks layers that somebody lists, without a manifest or a config that would name them, as a runtime has them that keeps images in
/// its own way. One after the other; each is verified, and those that the store has are left as they are.
/// </summary>
/// <param name="store">Where the layers go.</param>
/// <param name="host">What finishes them.</param>
/// <param name="limits">What a layer may cost; the defaults where null.</param>
public sealed class LayerListUnpacker(LayerStore store, ILayerHost host, LayerLimits? limits = null)
{
    private const int BufferLength = 256 << 10;

    private readonly LayerLimits _limits = limits ?? LayerLimits.Default;

    /// <summary>Unpacks the layers.</summary>
    /// <param name="source">Where their blobs come from; not asked for those that the store has.</param>
    /// <param name="layers">The layers, base first.</param>
    /// <param name="cancellationToken">Stops; what is fetched stays for the next run.</param>
    /// <returns>The layers, child to parent.</returns>
    /// <remarks>
    /// No image names them, so a collection may take them: hold a lease (<see cref="LayerStore.LeaseAsync"/>) until a hold
    /// (<see cref="LayerStore.HoldAsync"/>) does.
    /// </remarks>
    /// <exception cref="WinLayersException">A layer, its source or the store is not as it should be.</exception>
    public async Task<IReadOnlyList<AppliedLayer>> UnpackAsync(
        IImageSource source, IReadOnlyList<ListedLayer> layers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(layers);
        using StoreLease lease = await store.LeaseAsync(cancellationToken).ConfigureAwait(false);
        LayerApplier applier = new(host, _limits);
        List<AppliedLayer> applied = [];
        foreach (ListedLayer layer in layers)
        {
            await BlobFetcher.FetchAsync(source, store.Blobs, layer.Blob, cancellationToken: cancellationToken).ConfigureAwait(false);
            Digest diffId = layer.DiffId ?? await FindDiffIdAsync(layer.Blob, cancellationToken).ConfigureAwait(false);
            Digest? below = applied.Count == 0 ? null : applied[^1].Identity.ChainId;
            LayerToApply next =
                new() { ChainId = ChainId.Of(below, diffId), ParentChainId = below, Blob = layer.Blob, DiffId = diffId };
            FileStream blob = store.Blobs.OpenRead(layer.Blob.Digest);
            await using (blob.ConfigureAwait(false))
                applied.Add(await applier.ApplyAsync(store, next, blob, cancellationToken).ConfigureAwait(false));
        }

        applied.Reverse();
        return applied;
    }

    /// <summary>The folders of unpacked layers, for scratch layers and machines.</summary>
    /// <param name="layers">What <see cref="UnpackAsync"/> gave.</param>
    public static LayerChain ChainOf(IReadOnlyList<AppliedLayer> layers) => [.. layers.Select(layer => layer.Folder)];

    // The chain id names the layer's folder, so it has to be known before the layer is made.
    private Task<Digest> FindDiffIdAsync(Descriptor blob, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using VerifyingStream verified = store.Blobs.OpenVerified(blob);
        using Stream tar = Decompression.Open(verified, blob.MediaType, _limits);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferLength];
        while (tar.Read(buffer) is var count and > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer.AsSpan(0, count));
        }

        return Digest.FromHash(hash.GetHashAndReset());
    }, cancellationToken);
}
