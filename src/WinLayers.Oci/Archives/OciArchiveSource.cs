using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Archives;

/// <summary>
/// An image in an OCI image layout that is packed as a tar, as skopeo and podman write it, also gzipped. Blobs are read where they lie in
/// the archive; a gzipped archive is unpacked to a temporary file first. Nothing is ever extracted.
/// </summary>
public sealed class OciArchiveSource : IImageSource
{
    private readonly FileStream _file;
    private readonly ArchiveIndex _index;
    private readonly Digest? _digest;
    private readonly IReadOnlyList<Descriptor> _root = [];

    private OciArchiveSource(OciArchiveReference reference, FileStream file, ArchiveIndex index)
    {
        Name = reference.ToString();
        _file = file;
        _index = index;
        _digest = reference.Digest;
        CheckMarker(reference.File);
        if (_digest is null)
            _root = FindRoot(reference);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Opens an archive and finds the image in it.</summary>
    /// <exception cref="ArchiveException">It is no packed layout, or has no such image.</exception>
    /// <exception cref="ManifestException">Its documents are malformed, or contradict each other.</exception>
    public static async Task<OciArchiveSource> OpenAsync(OciArchiveReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        FileStream file = await ArchiveFile.OpenPlainAsync(reference.File, cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => new OciArchiveSource(reference, file, ArchiveIndex.Read(reference.File, file)), cancellationToken)
                .ConfigureAwait(false);
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
        Digest wanted = digest ?? _digest ?? _root[0].Digest;
        byte[] bytes = Read(PathOf(wanted), ImageDocument.LimitBytes);
        Digest actual = ContentHash.Of(bytes, wanted);
        if (actual != wanted)
            throw new DigestMismatchException($"'{PathOf(wanted)}' of '{Name}'", wanted, actual, bytes.Length);
        string mediaType = ImageDocument.TypeOf(bytes, wanted.ToString());
        if (digest is null)
            LayoutRoot.Check(_root, Name, mediaType, bytes.Length);
        return Task.FromResult(new RawManifest(mediaType, wanted, bytes));
    }

    /// <inheritdoc/>
    public Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(blob);
        (long start, long size) = _index.Locate(PathOf(blob.Digest));
        return Task.FromResult<Stream>(new FileSection(_file.SafeFileHandle, start, size) { Position = offset });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    /// <summary>Where a layout has a blob.</summary>
    internal static string PathOf(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";

    private void CheckMarker(string file)
    {
        if (!_index.Contains(BlobStore.LayoutFile))
        {
            throw new ArchiveException(ArchiveFailure.Malformed, file, $"it has no '{BlobStore.LayoutFile}'")
            {
                Remedy = _index.Contains(ArchiveManifest.FileName) ? "It is what 'docker save' writes: docker-archive:<file>." : null,
            };
        }

        byte[] marker = Read(BlobStore.LayoutFile, LayoutMarker.LimitBytes);
        if (LayoutMarker.ProblemOf(marker, $"'{BlobStore.LayoutFile}' of '{file}'") is { } problem)
            throw new ArchiveException(ArchiveFailure.Malformed, file, $"it is {problem}");
    }

    private IReadOnlyList<Descriptor> FindRoot(OciArchiveReference reference)
    {
        byte[] bytes = Read(BlobStore.IndexFile, ImageDocument.LimitBytes);
        string document = $"'{BlobStore.IndexFile}' of '{reference.File}'";
        ImageIndex index = ImageDocument.Parse(new RawManifest(MediaTypes.OciIndex, ContentHash.Of(bytes), bytes)) as ImageIndex
            ?? throw new ManifestException(ManifestFailure.WrongType, document, "it is no index");
        return LayoutRoot.Find(index.Manifests, reference.Name, out string problem, out bool isAmbiguous)
            ?? throw new ArchiveException(ArchiveFailure.UnknownName, reference.File, $"it has {problem}")
            {
                Remedy = isAmbiguous ? "Name one: oci-archive:<file>:<name> or oci-archive:<file>@<digest>." : null,
            };
    }

    private byte[] Read(string name, int limitBytes)
    {
        (long offset, long size) = _index.Locate(name);
        return FileSection.ReadWhole(_file, offset, size, name, limitBytes);
    }
}
