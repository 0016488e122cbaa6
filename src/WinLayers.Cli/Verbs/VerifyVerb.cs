using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Text;
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

    public VerifyVerb()
        : base(
            "verify", "Check every digest, DiffID and stored file",
            "winlayers verify",
            "winlayers verify sample:",
            "winlayers verify docker-archive:app.tar --json")
    {
        _what = AddOptionalArgument("REF|DIR", "An image, unpacked or not, or a layer's folder in a store; without, the whole store");
        _store = new StoreOption(this);
        _source = new SourceOptions(this);
        AddJson();
        Remarks =
            "An unpacked image is checked in the store; any other where it is. The whole store is every\nimage that it lists or has unpacked, and all blobs and layers beside. Nothing is changed.\nExit code 1 where something differs or is missing.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string? what = call.Get(_what);
        if (what is not null && Directory.Exists(what))
            return Show(call, await CheckFolderAsync(call, what).ConfigureAwait(false));
        if (await _store.OpenIfThereAsync(call).ConfigureAwait(false) is { } store
            && (what is null || StoreOption.Find(store, what).Count > 0))
            return Show(call, await CheckStoreAsync(call, store, what).ConfigureAwait(false));
        return what is null
            ? throw CommandFailedException.NotThere("the store", _store.Location(call), "Unpack or pull an image first")
            : Show(call, await CheckImageAsync(call, what).ConfigureAwait(false));
    }

    private static async Task<VerificationDocument> CheckFolderAsync(Invocation call, string folder)
    {
        if (await StoredFolder.FindAsync(folder, call.CancellationToken).ConfigureAwait(false) is not (var store, var chainId))
            throw CommandFailedException.NotSuitable(folder, "is not a layer of a store", "Name a folder that 'winlayers unpack' printed");
        return await CheckAsync(call,
            rows => new StoreVerifier(store, PortableLayerHost.Instance).VerifyLayersAsync([chainId], rows, call.CancellationToken))
            .ConfigureAwait(false);
    }

    private static Task<VerificationDocument> CheckStoreAsync(Invocation call, LayerStore store, string? what)
    {
        IReadOnlyList<ImageRecord>? images = what is null ? null : StoreOption.Find(store, what);
        return CheckAsync(call,
            rows => new StoreVerifier(store, PortableLayerHost.Instance).VerifyAsync(images, rows, call.CancellationToken));
    }

    private static async Task<VerificationDocument> CheckAsync(Invocation call, Func<VerifyRows, Task<StoreReport>> check)
    {
        StoreReport found = await ProgressBoard.RunAsync(call.Output, board => check(new VerifyRows(board))).ConfigureAwait(false);
        foreach (StoredLayer layer in found.NotChecked)
            call.Output.Message($"{layer.Folder}: kept by {layer.Host}, which has no hashes of files to check");
        return VerificationDocument.Of(found);
    }

    private async Task<VerificationDocument> CheckImageAsync(Invocation call, string text)
    {
        IImageSource source = await _source.OpenAsync(call, text).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            ResolvedImage image =
                await ImageResolver.ResolveAsync(source, _source.Platform(call), call.CancellationToken).ConfigureAwait(false);
            return VerificationDocument.Of(await ProgressBoard.RunAsync(
                call.Output, board => ImageVerifier.VerifyAsync(source, image, new VerifyRows(board, image), call.CancellationToken))
                    .ConfigureAwait(false));
        }
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
            $"{Quantity.Count(found.Layers, "unpacked layer")} with {Quantity.Count(found.Files, "file")} and {Quantity.Count(found.Blobs, "blob")}, " +
            $"{Quantity.Bytes(found.BytesRead)} read";
        if (found.Ok)
            call.Output.Message($"all as it should be: {looked}");
        else
            Console.Error.WriteLine($"winlayers: {Quantity.Count(found.Problems.Count, "thing")} not as it should be; {looked} [WCL1907]");
        return found.Ok ? ExitCode.Done : ExitCode.Failed;
    }
}
