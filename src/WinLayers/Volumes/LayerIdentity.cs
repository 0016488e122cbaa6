using WinLayers.Oci.Digests;

namespace WinLayers.Volumes;

/// <summary>Which layer a folder holds.</summary>
/// <param name="DiffId">Digest of the layer's uncompressed tar.</param>
/// <param name="ChainId">Digest that names the layer together with all below it.</param>
/// <param name="ParentChainId">The chain id of the layer below; null for a base layer.</param>
/// <param name="Digest">Digest of the layer's blob as the registry has it.</param>
public sealed record LayerIdentity(Digest DiffId, Digest ChainId, Digest? ParentChainId, Digest Digest);
