using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>Checks every digest, DiffID and stored file.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string?> _what;
    private readonly StoreOption _store;
    private readonly SourceOptions _source;
    private readonly Option<bool> _all;

    public VerifyVerb()
        : base(
            "verify", "Check every digest, DiffID and stored file",
            "winlayers verify",
            "winlayers verify sample:",
            "winlayers verify docker-archive:app.tar --json")
    {
        _what = AddOptionalArgument("REF|DIR", "An image, unpacked or not, or a layer's folder in a store; without, the whole store");
        _store = new StoreOption(this);
        _source = new SourceOptions(this, _store);
        _all = AddFlag("--all", "Every image of the index, not only the one for the platform");
        AddJson();
        Remarks =
            "What a name brought into the store is checked there; any other image where it is. Of an index\none image is checked, which " +
                "is said. The whole store is every image that it lists or has\nunpacked, and all blobs and layers beside. Nothing is " +
                    "changed. Exit code 1 where something\ndiffers or is missing.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        bool all = CopyFlags.ReadAll(call, _all, _source);
        return call.Get(_what) switch
        {
            null => Show(call, await CheckStoreAsync(call).ConfigureAwait(false)),
            { } folder when Directory.Exists(folder) => Show(call, await CheckFolderAsync(call, folder).ConfigureAwait(false)),
            { } image => Show(call, await CheckImagesAsync(call, image, all).ConfigureAwait(false)),
        };
    }

    private async Task<VerificationDocument> CheckFolderAsync(Invocation call, string folder)
    {
        _source.RefusePlatform(call, "a layer's folder");
        if (await StoredFolder.FindAsync(folder, call.CancellationToken).ConfigureAwait(false) is not (var store, var chainId))
            throw CommandFailedException.NotSuitable(folder, "is not a layer of a store", "Name a folder that 'winlayers unpack' printed");
        return await CheckAsync(call,
            rows => new StoreVerifier(store, PortableLayerHost.Instance).VerifyLayersAsync([chainId], rows, call.CancellationToken))
            .ConfigureAwait(false);
    }

    private async Task<VerificationDocument> CheckStoreAsync(Invocation call)
    {
        _source.RefusePlatform(call, "the whole store");
        LayerStore store = await _store.OpenIfThereAsync(call).ConfigureAwait(false)
            ?? throw CommandFailedException.NotThere("the store", _store.Location(call), "Unpack or pull an image first");
        return await CheckAsync(call,
            rows => new StoreVerifier(store, PortableLayerHost.Instance).VerifyAsync(images: null, rows, call.CancellationToken))
            .ConfigureAwait(false);
    }

    private static async Task<VerificationDocument> CheckAsync(Invocation call, Func<VerifyRows, Task<StoreReport>> check)
    {
        StoreReport found = await ProgressBoard.RunAsync(call.Output, board => check(new VerifyRows(board))).ConfigureAwait(false);
        foreach (StoredLayer layer in found.NotChecked)
            call.Output.Message($"{layer.Folder}: kept by {layer.Host}, which has no hashes of files to check");
        return VerificationDocument.Of(found);
    }

    private async Task<VerificationDocument> CheckImagesAsync(Invocation call, string text, bool all)
    {
        IImageSource source = await _source.OpenAsync(call, text).ConfigureAwait(false);
        IReadOnlyList<ResolvedImage> images = all
            ? await ImageResolver.ResolveAllAsync(source, call.CancellationToken).ConfigureAwait(false)
            : [await ImageResolver.ResolveAsync(source, _source.Platform(call), call.CancellationToken).ConfigureAwait(false)];
        LayerStore? store = await _store.OpenIfThereAsync(call).ConfigureAwait(false);
        VerificationDocument? found = null;
        foreach (ResolvedImage image in images)
        {
            VerificationDocument one = await CheckImageAsync(call, source, image, store).ConfigureAwait(false);
            found = found is null ? one : found.With(one);
        }

        IReadOnlyList<Descriptor> others = images is [var only] ? only.Others : [];
        if (others.Count > 0)
            call.Output.Message($"one image of {others.Count + 1} in the index; --all checks the others too");
        return found! with { NotChecked = [.. others.Select(ImageFacts.Of)] };
    }

    // What this name brought into the store is checked there, anything else where it is.
    private static async Task<VerificationDocument> CheckImageAsync(
        Invocation call, IImageSource source, ResolvedImage image, LayerStore? store)
    {
        Digest digest = image.Manifest.Raw.Digest;
        StoredImage? stored = store is null ? null
            : (await StoredImages.ListAsync(store, call.CancellationToken).ConfigureAwait(false)).FirstOrDefault(
                known => known.Digest == digest
                    && (known.Names.Contains(image.Name, StringComparer.Ordinal) || Digest.TryParse(image.Name, out _)));
        call.Output.Message(
            $"{image.Name}: {ImageFacts.Of(image).Text}, {(stored is null ? "where it is" : $"in the store {store!.Root}")}");
        if (StoreOption.FindUnpacked(stored is null ? null : store, digest) is { } unpacked)
            return (await CheckAsync(call,
                rows => new StoreVerifier(store!, PortableLayerHost.Instance).VerifyAsync([unpacked], rows, call.CancellationToken))
                .ConfigureAwait(false)).Of(image);
        IImageSource from = stored is null ? source : OciLayoutSource.Open(store!.Blobs, image.Name, digest);
        return VerificationDocument.Of(await ProgressBoard.RunAsync(
            call.Output, board => ImageVerifier.VerifyAsync(from, image, new VerifyRows(board, image), call.CancellationToken))
                .ConfigureAwait(false)).Of(image);
    }

    private static int Show(Invocation call, VerificationDocument found)
    {
        if (call.Output.Json)
        {
            call.Output.Document(found, CommandJson.Default.VerificationDocument);
            return found.Ok ? ExitCode.Done : ExitCode.Failed;
        }

        foreach (VerificationDocument.Problem problem in found.Problems)
            call.Output.Line(
                SafeText.OneLine($"{problem.Where}{(problem.Path is { } path ? $": {path}" : "")}: {problem.Kind}: {problem.Detail}"));
        call.Output.Flush();
        string looked =
            $"{Quantity.Count(found.Layers, "unpacked layer")} with {Quantity.Count(found.Files, "file")} and " +
                $"{Quantity.Count(found.Blobs, "blob")}, " +
            $"{Quantity.Bytes(found.BytesRead)} read";
        if (found.Ok)
            call.Output.Message($"all as it should be: {looked}");
        else
            Console.Error.WriteLine($"winlayers: {Quantity.Count(found.Problems.Count, "thing")} not as it should be; {looked} [WCL1907]");
        return found.Ok ? ExitCode.Done : ExitCode.Failed;
    }
}
