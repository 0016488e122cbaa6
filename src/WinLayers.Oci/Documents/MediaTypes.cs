namespace WinLayers.Oci.Documents;

/// <summary>How a layer's bytes are compressed, as its media type says. Bytes decide where they say otherwise.</summary>
public enum LayerCompression
{
    /// <summary>A plain tar, or a type that says nothing.</summary>
    None,

    /// <summary>gzip.</summary>
    GZip,

    /// <summary>Zstandard.</summary>
    Zstd,
}

/// <summary>The media types of OCI and Docker images.</summary>
public static class MediaTypes
{
    /// <summary>An OCI image manifest.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>An OCI image index.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>An OCI image configuration.</summary>
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>An OCI layer, plain tar.</summary>
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>An OCI layer, gzip.</summary>
    public const string OciLayerGZip = "application/vnd.oci.image.layer.v1.tar+gzip";

    /// <summary>An OCI layer, Zstandard.</summary>
    public const string OciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";

    /// <summary>An OCI layer that was not to be distributed, plain tar.</summary>
    public const string OciForeignLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar";

    /// <summary>A Docker image manifest, version 2 schema 2.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>A Docker manifest list.</summary>
    public const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>A Docker image configuration.</summary>
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";

    /// <summary>A Docker layer, plain tar.</summary>
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";

    /// <summary>A Docker layer, gzip.</summary>
    public const string DockerLayerGZip = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    /// <summary>A Docker layer kept outside registries, plain tar.</summary>
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar";

    /// <summary>A Docker layer kept outside registries, gzip.</summary>
    public const string DockerForeignLayerGZip = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    /// <summary>The types of manifests and indexes that this library reads, in the order to ask a registry for them.</summary>
    public static IReadOnlyList<string> Manifests { get; } = [OciIndex, DockerIndex, OciManifest, DockerManifest];

    /// <summary>Whether it is an index of manifests; letter case ignored.</summary>
    public static bool IsIndex(string mediaType) => Same(mediaType, OciIndex) || Same(mediaType, DockerIndex);

    /// <summary>Whether it is the manifest of one image; letter case ignored.</summary>
    public static bool IsManifest(string mediaType) => Same(mediaType, OciManifest) || Same(mediaType, DockerManifest);

    /// <summary>Whether a layer of this type may be kept outside registries, at its <c>urls</c>; letter case ignored.</summary>
    public static bool IsForeign(string mediaType) => StartsWith(mediaType, OciForeignLayer) || StartsWith(mediaType, DockerForeignLayer);

    /// <summary>Whether it is a file system layer, foreign or not; letter case ignored.</summary>
    public static bool IsLayer(string mediaType) =>
        StartsWith(mediaType, OciLayer) || StartsWith(mediaType, DockerLayer) || IsForeign(mediaType);

    /// <summary>The same type with nothing foreign about it: what <c>--normalize-foreign</c> writes.</summary>
    public static string WithoutForeign(string mediaType) =>
        StartsWith(mediaType, OciForeignLayer) ? OciLayer + mediaType[OciForeignLayer.Length..]
        : StartsWith(mediaType, DockerForeignLayer) ? DockerLayer + mediaType[DockerForeignLayer.Length..]
        : mediaType;

    /// <summary>
    /// The compression that the suffix names (<c>+gzip</c>, <c>.tar.gzip</c>, <c>+zstd</c>, <c>.tar.zstd</c>); letter case ignored.
    /// </summary>
    public static LayerCompression CompressionOf(string mediaType) =>
        EndsWith(mediaType, "+gzip") || EndsWith(mediaType, ".tar.gzip") ? LayerCompression.GZip
        : EndsWith(mediaType, "+zstd") || EndsWith(mediaType, ".tar.zstd") ? LayerCompression.Zstd
        : LayerCompression.None;

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static bool StartsWith(string text, string prefix) => text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    private static bool EndsWith(string text, string suffix) => text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
}
