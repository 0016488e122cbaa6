using System.Buffers;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Archives;

/// <summary>
/// An image in an archive as <c>docker save</c> writes it, old shape or new, also gzipped. Layers are read where they lie in the
/// archive; a gzipped archive is unpacked to a temporary file first. The manifest is made up from what the archive says, the same every
/// time.
/// </summary>
public sealed class DockerArchiveSource : IImageSource
{
    private readonly FileStream _file;
    private readonly Dictionary<Digest, (long Offset, long Size)> _blobs = [];
    private readonly byte[] _config;
    private readonly byte[] _manifest;
    private readonly Digest _manifestDigest;

    private DockerArchiveSource(string name, FileStream file, ArchiveIndex index, ArchiveManifest image)
    {
        Name = name;
        _file = file;
        _config = ReadDocument(index, image.Config, ImageConfig.LimitBytes);
        ImageConfig config = ImageConfig.Parse(_config, $"'{image.Config}' of '{file.Name}'");
        if (config.DiffIds.Count != image.Layers.Count)
        {
            throw new ManifestException(
                ManifestFailure.LayerCount, $"'{file.Name}'",
                    $"it lists {image.Layers.Count} layers, the configuration {config.DiffIds.Count} DiffIDs");
        }

        List<Descriptor> layers = [];
        for (int i = 0; i < image.Layers.Count; i++)
            layers.Add(DescribeLayer(index, image.Layers[i], config.DiffIds[i]));
        _manifest = DocumentWriter.WriteManifest(
            new Descriptor { MediaType = MediaTypes.OciConfig, Digest = ContentHash.Of(_config), Size = _config.Length }, layers);
        _manifestDigest = ContentHash.Of(_manifest);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Opens an archive and finds the image in it.</summary>
    /// <exception cref="ArchiveException">It is no image archive, or has no such image.</exception>
    /// <exception cref="ManifestException">Its documents are malformed, or contradict each other.</exception>
    public static async Task<DockerArchiveSource> OpenAsync(ArchiveReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        FileStream file = await ArchiveFile.OpenPlainAsync(reference.File, cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Open(reference, file), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<RawManifest> GetManifestAsync(Digest? digest, CancellationToken cancellationToken = default)
    {
        if (digest is { } wanted && wanted != _manifestDigest)
            throw new ManifestException(ManifestFailure.NotFound, wanted.ToString(), $"'{Name}' has no such manifest");
        return Task.FromResult(new RawManifest(MediaTypes.OciManifest, _manifestDigest, _manifest));
    }

    /// <inheritdoc/>
    public Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default)
    {
        if (blob.Digest == ContentHash.Of(_config))
            return Task.FromResult<Stream>(new MemoryStream(_config, (int)offset, _config.Length - (int)offset, writable: false));
        if (!_blobs.TryGetValue(blob.Digest, out (long Offset, long Size) place))
            throw new ManifestException(ManifestFailure.NotFound, blob.Digest.ToString(), $"'{Name}' has no such blob");
        return Task.FromResult<Stream>(new FileSection(_file.SafeFileHandle, place.Offset, place.Size) { Position = offset });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private static DockerArchiveSource Open(ArchiveReference reference, FileStream file)
    {
        ArchiveIndex index = ArchiveIndex.Read(reference.File, file);
        if (!index.Contains(ArchiveManifest.FileName))
        {
            throw new ArchiveException(ArchiveFailure.Malformed, reference.File, $"it has no '{ArchiveManifest.FileName}'")
            {
                Remedy = index.Contains(BlobStore.LayoutFile) ? "It is an OCI layout in a tar: oci-archive:<file>." : null,
            };
        }

        (long offset, long size) = index.Locate(ArchiveManifest.FileName);
        byte[] bytes = FileSection.ReadWhole(file, offset, size, ArchiveManifest.FileName, ImageDocument.LimitBytes);
        IReadOnlyList<ArchiveManifest> images = ArchiveManifest.ParseAll(reference.File, bytes);
        ArchiveManifest[] found = [.. images.Where(image => reference.Name is null || image.IsNamed(reference.Name))];
        if (found is not [var only])
        {
            string names = string.Join(", ", images.SelectMany(static image => image.Names).Take(20));
            string problem = found.Length > 1 ? $"it has {found.Length} images"
                : reference.Name is { } named ? $"it has no image named {named.Host}/{named.Repository}:{named.Tag}" : "it has no image";
            throw new ArchiveException(ArchiveFailure.UnknownName, reference.File,
                names.Length == 0 ? problem : $"{problem}; named are {names}")
            {
                Remedy = "Name one: docker-archive:<file>:<name>.",
            };
        }

        return new DockerArchiveSource(reference.ToAbsolute().ToString(), file, index, only);
    }

    // A layer is usually a plain tar, whose digest is the DiffID; newer archives may hold compressed ones.
    private Descriptor DescribeLayer(ArchiveIndex index, string name, Digest diffId)
    {
        (long offset, long size) = index.Locate(name);
        byte[] head = new byte[512];
        using FileSection section = new(_file.SafeFileHandle, offset, size);
        int length = section.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        LayerCompression? compression = Decompression.Detect(head.AsSpan(0, length));
        string mediaType = compression switch
        {
            LayerCompression.GZip => MediaTypes.OciLayerGZip,
            LayerCompression.Zstd => MediaTypes.OciLayerZstd,
            LayerCompression.None => MediaTypes.OciLayer,
            _ => throw new ArchiveException(ArchiveFailure.Malformed, _file.Name, $"'{name}' is no layer: neither a tar nor compressed"),
        };
        Digest digest = compression == LayerCompression.None ? diffId : DigestOfSection(offset, size);
        _blobs[digest] = (offset, size);
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = size };
    }

    private Digest DigestOfSection(long offset, long size)
    {
        using ContentHash hash = new();
        using FileSection section = new(_file.SafeFileHandle, offset, size);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            while (section.Read(buffer) is var count and > 0)
                hash.Append(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return hash.Current();
    }

    private byte[] ReadDocument(ArchiveIndex index, string name, int limitBytes)
    {
        (long offset, long size) = index.Locate(name);
        return FileSection.ReadWhole(_file, offset, size, name, limitBytes);
    }
}
