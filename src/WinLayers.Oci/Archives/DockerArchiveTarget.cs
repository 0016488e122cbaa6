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
/// equal images make equal bytes. Blobs gather in a folder beside the file until the image is complete; then the archive appears at once.
/// </summary>
public sealed class DockerArchiveTarget : IImageTarget
{
    private readonly ArchiveReference _reference;
    private readonly WorkBeside _work;
    private readonly BlobStore _blobs;

    private DockerArchiveTarget(ArchiveReference reference, WorkBeside work, BlobStore blobs)
    {
        _reference = reference;
        _work = work;
        _blobs = blobs;
    }

    /// <inheritdoc/>
    public string Name => _reference.ToString();

    /// <summary>Starts an archive; a file of its name stays until the new one is complete, and is replaced then.</summary>
    /// <exception cref="ArchiveException">A folder, a link or a device has its name: these stay.</exception>
    public static async Task<DockerArchiveTarget> OpenAsync(ArchiveReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        RefuseOthers(reference.File);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(reference.File))!);
        WorkBeside work = WorkBeside.Start(reference.File);
        try
        {
            return new DockerArchiveTarget(reference, work, await BlobStore.CreateAsync(work.Stem, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken = default) =>
        Task.FromResult(_blobs.Contains(blob));

    /// <inheritdoc/>
    public Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken = default) =>
        _blobs.PutAsync(blob, content, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArchiveException">It is an index: an archive holds images of one platform.</exception>
    public async Task PutManifestAsync(RawManifest manifest, bool isRoot, CancellationToken cancellationToken = default)
    {
        if (!isRoot || ImageDocument.Parse(manifest) is not ImageManifest image)
            throw CannotHoldIndex();
        byte[] bytes = await _blobs.ReadAsync(image.Config.Digest, ImageConfig.LimitBytes, cancellationToken).ConfigureAwait(false);
        ImageConfig config = ImageConfig.Parse(bytes, image.Config.Digest.ToString());
        if (config.DiffIds.Count != image.Layers.Count)
        {
            throw new ManifestException(
                ManifestFailure.LayerCount, manifest.Digest.ToString(),
                    $"it has {image.Layers.Count} layers, its configuration {config.DiffIds.Count} DiffIDs");
        }

        await Task.Run(() => Write(image, config, bytes, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _work.Dispose();
        return ValueTask.CompletedTask;
    }

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

    private static void RefuseOthers(string file)
    {
        if (!PlainFile.MayReplace(file))
            throw new ArchiveException(ArchiveFailure.NotAFile, file,
                "it is a folder, a link or a device, and an archive replaces plain files alone");
    }

    private void Write(ImageManifest image, ImageConfig config, byte[] configBytes, CancellationToken cancellationToken)
    {
        // Inside the folder that is removed in any case.
        string temporary = Path.Combine(_blobs.Root, "archive.tar");
        string[] layers = [.. config.DiffIds.Select(static diffId => $"{diffId.Hex}.tar")];
        string configName = $"{image.Config.Digest.Hex}.json";
        using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
        {
            ArchiveTarWriter tar = new(file);
            HashSet<string> written = new(StringComparer.Ordinal);
            for (int i = 0; i < layers.Length; i++)
            {
                if (written.Add(layers[i]))
                    WriteLayer(tar, layers[i], image.Layers[i], config.DiffIds[i], cancellationToken);
            }

            tar.Write(configName, configBytes);
            tar.Write(ArchiveManifest.FileName, Listing(configName, layers));
            tar.Complete();
            file.Flush(flushToDisk: true);
        }

        string path = Path.GetFullPath(_reference.File);
        RefuseOthers(_reference.File);
        File.Move(temporary, path, overwrite: true);
        HostFiles.FlushFolder(Path.GetDirectoryName(path)!);
    }

    private void WriteLayer(ArchiveTarWriter tar, string name, Descriptor layer, Digest diffId, CancellationToken cancellationToken)
    {
        using VerifyingStream blob = new(_blobs.OpenRead(layer.Digest), layer);
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
