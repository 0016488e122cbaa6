using WinLayers.Oci.Digests;

namespace WinLayers.Oci.Documents;

/// <summary>What a manifest says of a blob or of another manifest: its type, digest and size.</summary>
public sealed record Descriptor
{
    /// <summary>The media type as written.</summary>
    public required string MediaType { get; init; }

    /// <summary>The digest of the bytes.</summary>
    public required Digest Digest { get; init; }

    /// <summary>How many bytes there are.</summary>
    public required long Size { get; init; }

    /// <summary>Where else the bytes can be had: used for foreign layers alone.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>The platform, on an index's entries.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Annotations, as written.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>The platform that an image runs on.</summary>
public sealed record Platform
{
    /// <summary>The operating system: <c>windows</c>.</summary>
    public required string Os { get; init; }

    /// <summary>The processor architecture: <c>amd64</c>, <c>arm64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The Windows version, such as <c>10.0.20348.2031</c>.</summary>
    public string? OsVersion { get; init; }

    /// <summary>Required features of the operating system, such as <c>win32k</c>.</summary>
    public IReadOnlyList<string> OsFeatures { get; init; } = [];

    /// <summary>The variant of the architecture.</summary>
    public string? Variant { get; init; }
}

/// <summary>A manifest or index as its bytes, with the media type it came under. The bytes match the digest.</summary>
/// <param name="MediaType">The media type.</param>
/// <param name="Digest">The digest of the bytes.</param>
/// <param name="Bytes">The document, never re-encoded.</param>
public sealed record RawManifest(string MediaType, Digest Digest, ReadOnlyMemory<byte> Bytes);
