using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Registries.Client;

/// <summary>A manifest that refers to another as its subject: a signature, a bill of materials, an attestation.</summary>
/// <param name="Descriptor">The manifest.</param>
/// <param name="ArtifactType">What it is.</param>
public sealed record Referrer(Descriptor Descriptor, string? ArtifactType);

/// <summary>What a registry says of a manifest without sending it.</summary>
/// <param name="Digest">The digest.</param>
/// <param name="MediaType">The media type.</param>
/// <param name="Size">The size, where it says so.</param>
public sealed record ManifestHead(Digest Digest, string MediaType, long? Size);
