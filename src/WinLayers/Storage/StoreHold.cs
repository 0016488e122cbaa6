using WinLayers.Oci.Digests;

namespace WinLayers.Storage;

/// <summary>Keeps layers and blobs of a store under a name, besides the images: as a snapshotter keeps those of its snapshots.</summary>
public sealed record StoreHold
{
    private const int MaxNameLength = 100;

    /// <summary>A hold.</summary>
    /// <param name="name">Its name: 1 to 100 of <c>a-z</c>, <c>0-9</c>, <c>-</c>, <c>_</c> and <c>.</c>, not starting with a dot.</param>
    /// <param name="chainIds">The layers; those below them are kept too.</param>
    /// <param name="digests">Blobs, with all that they lead to, as manifests do.</param>
    /// <exception cref="ArgumentException">The name is another.</exception>
    public StoreHold(string name, IReadOnlyList<Digest> chainIds, IReadOnlyList<Digest>? digests = null)
    {
        if (!IsName(name))
            throw new ArgumentException($"'{name}' is no name of a hold.", nameof(name));
        Name = name;
        ChainIds = chainIds;
        Digests = digests ?? [];
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The chain ids of the layers; those below them are kept too.</summary>
    public IReadOnlyList<Digest> ChainIds { get; }

    /// <summary>Blobs, with all that they lead to.</summary>
    public IReadOnlyList<Digest> Digests { get; }

    /// <summary>Whether a hold can have this name, on every file system.</summary>
    public static bool IsName(string name) =>
        name is { Length: > 0 and <= MaxNameLength } && name[0] != '.'
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');
}
