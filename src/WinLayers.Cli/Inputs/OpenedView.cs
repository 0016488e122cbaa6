using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Names;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Cli.Inputs;

/// <summary>The files of an image or of one of its layers, wherever it is: unpacked in the store, or in its blobs.</summary>
internal sealed class OpenedView
{
    private OpenedView(ImageView image, Digest? digest, MergedView files)
    {
        Name = image.Name;
        Digest = digest;
        Files = files;
    }

    /// <summary>The image's manifest; null for a layer's folder.</summary>
    public Digest? Digest { get; }

    /// <summary>The image as a person would write it.</summary>
    public string Name { get; }

    public MergedView Files { get; }

    /// <summary>Opens an image, or the chain of a layer's folder.</summary>
    /// <param name="call">The run.</param>
    /// <param name="text">A reference, a manifest's digest or a layer's folder.</param>
    /// <param name="layer">Only this layer, base 0; null for all on top of each other.</param>
    /// <param name="options">Where images and the store are.</param>
    public static async Task<OpenedView> OpenAsync(Invocation call, string text, int? layer, ViewOptions options)
    {
        (ImageView image, Digest? digest) = Directory.Exists(text)
            ? (await OpenFolderAsync(call, text, options).ConfigureAwait(false), null)
            : await OpenImageAsync(call, text, options).ConfigureAwait(false);
        call.Own(image);
        if (layer is { } number && number >= image.Layers.Count)
            throw new UsageException(
                $"there is no layer {number}: {image.Name} has {Quantity.Count(image.Layers.Count, "layer")}, the base is 0");
        MergedView files = await Task.Run(() => image.Merge(layer, call.CancellationToken), call.CancellationToken).ConfigureAwait(false);
        return new OpenedView(image, digest, files);
    }

    /// <summary>What is at a path that the user named.</summary>
    public MergedEntry Require(LayerPath path) => Files.Find(path)
        ?? throw CommandFailedException.NotInImage(path.Value.Replace('\\', '/'), Name,
            "'winlayers ls' shows what is; paths start with Files, Hives or UtilityVM, else in Files");

    // The name is asked for where it leads; what has the same digest is then the same image, wherever its files are read.
    private static async Task<(ImageView, Digest?)> OpenImageAsync(Invocation call, string text, ViewOptions options)
    {
        IImageSource source = await options.Source.OpenAsync(call, text).ConfigureAwait(false);
        ResolvedImage image =
            await ImageResolver.ResolveAsync(source, options.Source.Platform(call), call.CancellationToken).ConfigureAwait(false);
        Digest digest = image.Manifest.Raw.Digest;
        LayerStore? store = await options.Store.OpenIfThereAsync(call).ConfigureAwait(false);
        if (StoreOption.FindUnpacked(store, digest) is { } unpacked
            && OpenChain(store!, image.Name, unpacked.Chain[0]) is { } view)
        {
            call.Output.Message($"{image.Name}: files from the store, where {ShortDigest.Of(digest)} is unpacked");
            return (view, digest);
        }

        return (await OpenBlobsAsync(call, source, image, options).ConfigureAwait(false), digest);
    }

    private static async Task<ImageView> OpenBlobsAsync(Invocation call, IImageSource source, ResolvedImage image, ViewOptions options)
    {
        // The store's own images have such names too.
        bool isRegistry = source is not OciLayoutSource && KnownTransports.Names.TryParse(image.Name, out ImageReference? name)
            && name is RegistryReference;
        if (!isRegistry)
            return ImageView.OfSource(source, image, blobs: null, call.CancellationToken);

        // A registry's blobs are fetched once and kept: a file is looked for in every layer, and read from one.
        LayerStore store = await options.Store.OpenAsync(call).ConfigureAwait(false);
        call.Own(await store.LeaseAsync(call.CancellationToken).ConfigureAwait(false));
        await FetchAsync(call, source, store.Blobs, image).ConfigureAwait(false);
        await store.RememberAsync(image, call.CancellationToken).ConfigureAwait(false);
        return ImageView.OfSource(source, image, store.Blobs, call.CancellationToken);
    }

    private static async Task<ImageView> OpenFolderAsync(Invocation call, string folder, ViewOptions options)
    {
        options.Source.RefusePlatform(call, "a layer's folder");
        if (await StoredFolder.FindAsync(folder, call.CancellationToken).ConfigureAwait(false) is (var store, var chainId)
            && OpenChain(store, folder, chainId) is { } view)
            return view;
        if (LayerFolder.Identify(folder) is not LayerFolderKind.Portable)
            throw CommandFailedException.NotSuitable(folder, "is not a layer's folder that this host unpacked",
                "Name an image, or a folder that 'winlayers unpack' printed");
        PortableTree tree = PortableTree.Open(folder);
        return new ImageView(folder, [new PortableListing(tree)], [tree]);
    }

    // Layers that Windows made have no index to list them from; their blobs are read instead.
    private static ImageView? OpenChain(LayerStore store, string name, Digest top) =>
        StoredView.Open(store, name, top, PortableLayerHost.Instance);

    private static Task<bool> FetchAsync(Invocation call, IImageSource source, BlobStore blobs, ResolvedImage image) =>
        ProgressBoard.RunAsync(call.Output, async board =>
        {
            foreach (ResolvedLayer layer in image.Layers)
            {
                ProgressRow row =
                    board.Add(LayerLabel.Of(layer),
                    layer.Descriptor.Size);
                await BlobFetcher.FetchAsync(source, blobs, layer.Descriptor, new RowProgress(row), call.CancellationToken)
                    .ConfigureAwait(false);
                row.Finish($"{Quantity.Bytes(layer.Descriptor.Size)} in the store");
            }

            return true;
        });
}
