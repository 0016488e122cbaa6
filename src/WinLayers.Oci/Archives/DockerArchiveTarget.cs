using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Archives;

/// <summary>
/// An archive to be, as <c>docker load</c>, podman and skopeo read it: plain tars of the layers, the configuration and
/// <c>manifest.json</c>;
/// equal images make equal bytes.
/// </summary>
public sealed class DockerArchiveTarget : IImageTarget
{
    private readonly ArchiveReference _reference;
    private readonly PendingArchive _archive;

    private DockerArchiveTarget(ArchiveReference reference, PendingArchive archive)
    {
        _reference = reference;
        _archive = archive;
    }

    /// <inheritdoc/>
    public string Name => _reference.ToString();

    private BlobStore Blobs => _archive.Blobs;

    /// <summary>Starts an archive, which appears once it is complete.</summary>
    /// <param name="reference">Where.</param>
    /// <param name="replace">Whether a plain file of its name, which stays until then, is replaced.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ArchiveException">A folder, a link or a device has its name: these stay.</exception>
    /// <exception cref="DiskException">A file has its name, and is not to be replaced.</exception>
    public static async Task<DockerArchiveTarget> OpenAsync(
        ArchiveReference reference, bool replace = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return new DockerArchiveTarget(
            reference, await PendingArchive.OpenAsync(reference.File, replace, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public Task<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken = default) =>
        Task.FromResult(Blobs.Contains(blob));

    /// <inheritdoc/>
    public Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken = default) =>
        Blobs.PutAsync(blob, content, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArchiveException">It is an index: an archive holds images of one platform.</exception>
    public async Task PutManifestAsync(RawManifest manifest, bool isRoot, CancellationToken cancellationToken = default)
    {
        if (!isRoot || ImageDocument.Parse(manifest) is not ImageManifest image)
            throw CannotHoldIndex();
        byte[] bytes = await Blobs.ReadAsync(image.Config.Digest, ImageConfig.LimitBytes, cancellationToken).ConfigureAwait(false);
        ImageConfig config = ImageConfig.Parse(bytes, image.Config.Digest.ToString());
        if (config.DiffIds.Count != image.Layers.Count)
        {
            throw new ManifestException(
                ManifestFailure.LayerCount, manifest.Digest.ToString(),
                    $"it has {image.Layers.Count} layers, its configuration {config.DiffIds.Count} DiffIDs");
        }

        await Task.Run(() => _archive.Publish(tar => Write(tar, image, config, bytes, cancellationToken)), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _archive.DisposeAsync();

    /// <inheritdoc/>
    /// <exception cref="ArchiveException">It is an index: an archive holds images of one platform.</exception>
    public void Preflight(ImageDocument root, bool mayChange)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (root is not ImageManifest)
            throw CannotHoldIndex();
    }

    private ArchiveException CannotHoldIndex() =>
        new(ArchiveFailure.CannotHold, _reference.File, "an archive cannot hold an index with images of several platforms");

    private void Write(ArchiveTarWriter tar, ImageManifest image, ImageConfig config, byte[] configBytes,
        CancellationToken cancellationToken)
    {
        string[] layers = [.. config.DiffIds.Select(static diffId => $"{diffId.Hex}.tar")];
        string configName = $"{image.Config.Digest.Hex}.json";
        HashSet<string> written = new(StringComparer.Ordinal);
        for (int i = 0; i < layers.Length; i++)
        {
            if (written.Add(layers[i]))
                WriteLayer(tar, layers[i], image.Layers[i], config.DiffIds[i], cancellationToken);
        }

        tar.Write(configName, configBytes);
        tar.Write(ArchiveManifest.FileName, Listing(configName, layers));
    }

    private void WriteLayer(ArchiveTarWriter tar, string name, Descriptor layer, Digest diffId, CancellationToken cancellationToken)
    {
        using VerifyingStream blob = new(Blobs.OpenRead(layer.Digest), layer);
        using VerifyingStream plain = new(Decompression.Open(blob, layer.MediaType), "uncompressed layer", diffId, size: null);
        tar.Write(name, plain, cancellationToken);
    }

    private byte[] Listing(string configName, string[] layers) => DocumentWriter.Write(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStartObject();
        writer.WriteString("Config", configName);
        DocumentWriter.WriteTexts(writer, "RepoTags", _reference.Name is { } name ? [$"{name.Host}/{name.Repository}:{name.Tag}"] : []);
        DocumentWriter.WriteTexts(writer, "Layers", layers);
        writer.WriteEndObject();
        writer.WriteEndArray();
    });
}
