using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;

namespace WinLayers.Views;

/// <summary>
/// The layers of an image as listings, wherever they are, to be looked at one by one or on top of each other. Disposing it closes what it
/// opened; views made of it are of no use then.
/// </summary>
public sealed class ImageView : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _owned;

    /// <summary>Makes a view of layers that are listed already.</summary>
    /// <param name="name">The image as a person would write it.</param>
    /// <param name="layers">Its layers, base first.</param>
    /// <param name="owned">What is to be disposed with the view.</param>
    public ImageView(string name, IReadOnlyList<LayerListing> layers, IReadOnlyList<IDisposable>? owned = null)
    {
        Name = name;
        Layers = layers;
        _owned = owned ?? [];
    }

    /// <summary>The image as a person would write it.</summary>
    public string Name { get; }

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<LayerListing> Layers { get; }

    /// <summary>
    /// Opens an image at its source. Its layers are read from there in every pass, or from a store of blobs that has them; their digests
    /// are
    /// checked on the way.
    /// </summary>
    /// <param name="source">Where the image is; it belongs to the caller and stays open as long as the view is used.</param>
    /// <param name="image">The image.</param>
    /// <param name="blobs">A store that has all its blobs; null reads them from the source.</param>
    /// <param name="cancellationToken">Stops passes over the layers.</param>
    /// <exception cref="ManifestException">The image has more layers than <see cref="LayerLimits.Default"/> allows.</exception>
    public static ImageView OfSource(IImageSource source, ResolvedImage image, BlobStore? blobs = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(image);
        image.RequireLayerCount(LayerLimits.Default);
        return new ImageView(
            image.Name,
            [.. image.Layers.Select(
                layer => LayerListing.FromTar(layer.Descriptor.Digest.ToString(),
                () => OpenBlob(source, blobs, layer, cancellationToken)))]);
    }

    /// <summary>Opens one layer in a file: a tar, plain or compressed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What the layer may cost.</param>
    public static ImageView OfTar(string path, LayerLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ImageView(path, [LayerListing.FromTar(path, () => OpenTar(path, limits), limits)]);
    }

    /// <summary>A path as a person types it: with either slash, from a root of the layer, or from the drive that <c>Files</c> is.</summary>
    /// <param name="text">The path; null or empty is the layer's root, <c>/</c> and <c>C:\</c> the drive.</param>
    /// <exception cref="LayerRefusedException">The path is not safe.</exception>
    public static LayerPath ParsePath(string? text)
    {
        string path = (text ?? "").Replace('\\', '/');
        if (path.StartsWith("C:", StringComparison.OrdinalIgnoreCase))
            path = "/" + path[2..];
        bool isAbsolute = path.StartsWith('/');
        path = path.Trim('/');
        if (path.Length == 0)
            return isAbsolute ? LayerRoots.FilesPath : default;
        string first = path.Split('/')[0];
        bool isRooted = !isAbsolute && LayerRoots.AreaOf(first) is not LayerArea.Other;
        return LayerPath.Parse(isRooted ? path : $"{LayerRoots.Files}/{path}");
    }

    /// <summary>Reads the layers and puts them on top of each other, as a container would see them.</summary>
    /// <param name="layer">Only this layer, base 0; null for all.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    /// <exception cref="LayerRefusedException">A layer is damaged, or an entry breaks a rule.</exception>
    public MergedView Merge(int? layer = null, CancellationToken cancellationToken = default)
    {
        if (layer is not { } one)
            return MergedView.Build(Layers, cancellationToken);
        ArgumentOutOfRangeException.ThrowIfNegative(one, nameof(layer));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(one, Layers.Count, nameof(layer));
        return MergedView.Build([Layers[one]], cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable thing in _owned)
            thing.Dispose();
    }

    private static Stream OpenBlob(IImageSource source, BlobStore? blobs, ResolvedLayer layer, CancellationToken cancellationToken)
    {
        // A listing is read synchronously; the source's own work goes on elsewhere, so that waiting for it cannot block it.
        Stream blob = blobs?.OpenRead(layer.Descriptor.Digest)
            ?? Task.Run(() => source.OpenBlobAsync(layer.Descriptor, offset: 0, cancellationToken), cancellationToken).GetAwaiter()
                .GetResult();
        return Open(blob,
            () => Decompression.Open(
            new VerifyingStream(new ProgressStream(blob, layer.Descriptor, progress: null, cancellationToken), layer.Descriptor),
            layer.Descriptor.MediaType));
    }

    private static Stream OpenTar(string path, LayerLimits? limits)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Open(file, () => Decompression.Open(file, path, limits ?? LayerLimits.Default));
    }

    private static Stream Open(Stream inner, Func<Stream> open)
    {
        try
        {
            return open();
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }
}
