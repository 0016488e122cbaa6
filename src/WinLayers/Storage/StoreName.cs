using WinLayers.Oci.Digests;

namespace WinLayers.Storage;

/// <summary>What an image's name led to when its source was last asked: one digest, of an index or of a manifest.</summary>
/// <param name="Name">The reference as a person would write it, its paths absolute.</param>
/// <param name="Root">The index or manifest that the name leads to.</param>
/// <param name="Images">
/// What the store has whole of it: manifests, or the index with all its images. They are kept from being collected; a name without any is
/// only remembered as long as its document is there.
/// </param>
public sealed record StoreName(string Name, Digest Root, IReadOnlyList<Digest> Images);
