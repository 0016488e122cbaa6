using System.Security.Cryptography;
using System.Text;

namespace WinLayers.Oci.Digests;

/// <summary>
/// Names a layer together with all below it, as the OCI image specification defines it: the lowest layer's is its DiffID; each
/// further one is the SHA-256 of <c>parent chain id + " " + DiffID</c>.
/// </summary>
public static class ChainId
{
    /// <summary>The chain id of a layer above the chain <paramref name="parent"/>; null for a base layer.</summary>
    public static Digest Of(Digest? parent, Digest diffId) =>
        parent is { } below ? Digest.FromHash(SHA256.HashData(Encoding.ASCII.GetBytes($"{below} {diffId}"))) : diffId;

    /// <summary>The chain id of every layer, base first, as the DiffIDs are.</summary>
    public static IReadOnlyList<Digest> OfAll(IReadOnlyList<Digest> diffIds)
    {
        Digest[] chain = new Digest[diffIds.Count];
        for (int i = 0; i < chain.Length; i++)
            chain[i] = Of(i == 0 ? null : chain[i - 1], diffIds[i]);
        return chain;
    }
}
