using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Names;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Views;

namespace WinLayers.Cli.Inputs;

/// <summary>The files of an image or of one of its layers, wherever it is: unpacked in the store, or in its blobs.</summary>
internal sealed class ImageView
{
    private static readonly string[] Roots = ["Files", "Hives", "UtilityVM"];

    private ImageView(string name, MergedView files)
    {
        Name = name;
        Files = files;
    }

    /// <summary>The image as a person would write it.</summary>
    public string Name { get; }

    public MergedView Files { get; }

    /// <summary>Opens an image, or the chain of a layer's folder.</summary>
    /// <param name="call">The run.</param>
    /// <param name="text">A reference, a manifest's digest or a layer's folder.</param>
    /// <param name="layer">Only this layer, base 0; null for all on top of each other.</param>
    /// <param name="options">Where images and the store are.</param>
    public static async Task<ImageView> OpenAsync(Invocation call, string text, int? layer, ViewOptions options)
    {
        (string name, IReadOnlyList<LayerListing> layers) = await ListAsync(call, text, options).ConfigureAwait(false);
        if (layer is { } number && number >= layers.Count)
            throw new UsageException($"there is no layer {number}: {name} has {Quantity.Count(layers.Count, "layer")}, the base is 0");
        IReadOnlyList<LayerListing> chosen = layer is { } one ? [layers[one]] : layers;
        return new ImageView(name, await Task.Run(() => MergedView.Build(chosen, call.CancellationToken), call.CancellationToken).ConfigureAwait(false));
    }

    /// <summary>A path as a person types it: with either slash, from a root of the layer, or from the drive that <c>Files</c> is.</summary>
    public static LayerPath ParsePath(string? text)
    {
        string path = (text ?? "").Replace('\\', '/');
        if (path.StartsWith("C:", StringComparison.OrdinalIgnoreCase))
            path = "/" + path[2..];
        bool isAbsolute = path.StartsWith('/');
        path = path.Trim('/');
        if (path.Length == 0)
            return isAbsolute ? LayerPath.Parse(Roots[0]) : default;
        string first = path.Split('/')[0];
        bool isRooted = !isAbsolute && Roots.Contains(first, StringComparer.OrdinalIgnoreCase);
        return LayerPath.Parse(isRooted ? path : $"{Roots[0]}/{path}");
    }

    /// <summary>What is at a path that the user named.</summary>
    public MergedEntry Require(LayerPath path) => Files.Find(path)
        ?? throw CommandFailedException.NotInImage(path.Value.Replace('\\', '/'), Name, "'winlayers ls' shows what is; paths start with Files, Hives or UtilityVM, else in Files");

    private static async Task<(string Name, IReadOnlyList<LayerListing> Layers)> ListAsync(Invocation call, string text, ViewOptions options)
    {
        if (Directory.Exists(text))
            return (text, await ListFolderAsync(call, text).ConfigureAwait(false));
        LayerStore? store = await options.Store.OpenIfThereAsync(call).ConfigureAwait(false);
        if (store is not null && StoreOption.Find(store, text) is [var unpacked, ..] && ListChain(call, store, unpacked.Chain[0]) is { } listed)
            return (StoreOption.Describe(unpacked), listed);
        IImageSource source = await options.Source.OpenAsync(call, text).ConfigureAwait(false);
        call.Own(source);
        ResolvedImage image = await ImageResolver.ResolveAsync(source, options.Source.Platform(call), call.CancellationToken).ConfigureAwait(false);
        // A registry's blobs are fetched once and kept: a file is looked for in every layer, and read from one.
        BlobStore? blobs = KnownTransports.Names.Parse(text) is RegistryReference ? (await options.Store.OpenAsync(call).ConfigureAwait(false)).Blobs : null;
        if (blobs is not null)
            await FetchAsync(call, source, blobs, image).ConfigureAwait(false);
        return (image.Name, [.. image.Layers.Select(layer => LayerListing.FromTar(layer.Descriptor.Digest.ToString(), () => OpenTar(call, source, blobs, layer)))]);
    }

    private static async Task<IReadOnlyList<LayerListing>> ListFolderAsync(Invocation call, string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string root = Path.GetDirectoryName(Path.GetDirectoryName(full)) ?? full;
        if (Digest.TryParse("sha256:" + Path.GetFileName(full), out Digest chainId) && File.Exists(Path.Combine(root, "oci-layout")))
        {
            LayerStore store = await LayerStore.OpenAsync(root, call.CancellationToken).ConfigureAwait(false);
            if (ListChain(call, store, chainId) is { } layers)
                return layers;
        }

        return File.Exists(Path.Combine(full, "layer.jsonl"))
            ? [ListFolder(call, full)]
            : throw CommandFailedException.NotSuitable(folder, "is not a layer's folder that this host unpacked", "Name an image, or a folder that 'winlayers unpack' printed");
    }

    // Layers that Windows made have no index to list them from; their blobs are read instead.
    private static IReadOnlyList<LayerListing>? ListChain(Invocation call, LayerStore store, Digest top)
    {
        IReadOnlyList<StoredLayer> chain = store.GetChain(top);
        return chain.All(layer => layer.Host == PortableLayerHost.Instance.Name) ? [.. chain.Reverse().Select(layer => ListFolder(call, layer.Folder))] : null;
    }

    private static PortableListing ListFolder(Invocation call, string folder) => new(call.Own(PortableTree.Open(folder)));

    private static Task<bool> FetchAsync(Invocation call, IImageSource source, BlobStore blobs, ResolvedImage image) =>
        ProgressBoard.RunAsync(call.Output, async board =>
        {
            foreach (ResolvedLayer layer in image.Layers)
            {
                ProgressRow row = board.Add($"layer {layer.Position + 1}/{image.Layers.Count} {ShortDigest.Of(layer.Descriptor.Digest)}", layer.Descriptor.Size);
                await BlobFetcher.FetchAsync(source, blobs, layer.Descriptor, new RowProgress(row), call.CancellationToken).ConfigureAwait(false);
                row.Finish($"{Quantity.Bytes(layer.Descriptor.Size)} in the store");
            }

            return true;
        });

    private static Stream OpenTar(Invocation call, IImageSource source, BlobStore? blobs, ResolvedLayer layer)
    {
        // The listing reads on a thread of its own, which may wait.
        Stream blob = blobs?.OpenRead(layer.Descriptor.Digest)
            ?? Task.Run(() => source.OpenBlobAsync(layer.Descriptor, offset: 0, call.CancellationToken)).GetAwaiter().GetResult();
        var watched = new WatchedStream(blob, static _ => { }, call.CancellationToken);
        return Decompression.Open(new VerifyingStream(watched, layer.Descriptor), layer.Descriptor.MediaType);
    }
}
