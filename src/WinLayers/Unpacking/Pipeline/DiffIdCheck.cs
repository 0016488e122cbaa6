using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;

namespace WinLayers.Unpacking.Pipeline;

/// <summary>What the DiffID of a layer has to be: a known one, or any that gives the layer's chain id.</summary>
/// <param name="ChainId">The layer's chain id.</param>
/// <param name="ParentChainId">That of the layer below; null for a base layer.</param>
/// <param name="Expected">The DiffID, where it is known.</param>
internal sealed record DiffIdCheck(Digest ChainId, Digest? ParentChainId, Digest? Expected)
{
    /// <summary>The algorithm by which the DiffID is made.</summary>
    public string Algorithm => Expected?.Algorithm ?? "sha256";

    /// <summary>Takes the DiffID that the tar turned out to have.</summary>
    /// <exception cref="DigestMismatchException">The DiffID is another, or does not give the chain id.</exception>
    public void Require(Digest actual, long length)
    {
        if (Expected is { } expected && actual != expected)
            throw new DigestMismatchException("uncompressed layer", expected, actual, length);
        Digest chainId = Oci.Digests.ChainId.Of(ParentChainId, actual);
        if (chainId != ChainId)
            throw new DigestMismatchException($"uncompressed layer with the DiffID {actual}: its chain id", ChainId, chainId, length);
    }
}
