using WinLayers.Oci.Digests;

namespace WinLayers.Storage;

/// <summary>An unpacked image: what keeps its layers from being collected.</summary>
/// <param name="ManifestDigest">The manifest of the one platform that was unpacked.</param>
/// <param name="References">Under which references it was unpacked, as a person would write them.</param>
/// <param name="Chain">Chain ids of its layers, child to parent.</param>
public sealed record ImageRecord(Digest ManifestDigest, IReadOnlyList<string> References, IReadOnlyList<Digest> Chain);
