using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>Brings an image into the store, without unpacking it.</summary>
internal sealed class PullVerb : Verb
{
    private readonly Argument<string> _reference;
    private readonly Option<bool> _all;
    private readonly StoreOption _store;
    private readonly SourceOptions _source;

    public PullVerb()
        : base(
            "pull", "Bring an image into the store, verified, without unpacking it",
            "winlayers pull docker://mcr.microsoft.com/windows/nanoserver:ltsc2022",
            "winlayers pull registry.example/app:1 --arch arm64 --store /srv/winlayers")
    {
        _reference = AddArgument("REF", "The image");
        _all = AddFlag("--all", "The whole index with the images of all platforms");
        _store = new StoreOption(this);
        _source = new SourceOptions(this, _store);
        AddJson();
        Remarks = "The store is an OCI image layout: other tools read the image from it as\noci:STORE:NAME. Foreign layers come too. A " +
            "pull that broke off goes on where it was;\nwhat the store has is read again, and fetched again where it is damaged.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var options =
            new CopyOptions
            {
                AllPlatforms = CopyFlags.ReadAll(call, _all, _source),
                VerifyPresent = true,
                Foreign = ForeignLayerHandling.Include,
                Platform = _source.Platform(call)
            };
        IImageSource source = await _source.OpenAsync(call, call.Get(_reference)).ConfigureAwait(false);
        LayerStore store = await _store.OpenAsync(call).ConfigureAwait(false);
        using StoreLease lease = await store.LeaseAsync(call.CancellationToken).ConfigureAwait(false);
        var target = OciLayoutTarget.Open(store.Blobs, StoreOption.NameOf(source));
        CopyResult result = await ProgressBoard.RunAsync(
            call.Output, board => ImageCopier.CopyAsync(source, target, options, new TransferRows(board), call.CancellationToken))
                .ConfigureAwait(false);
        if (!Digest.TryParse(source.Name, out _))
            await RecordAsync(store, source.Name, result, call.CancellationToken).ConfigureAwait(false);
        CopyDocument.Show(call.Output, source.Name, store.Root, result);
        return ExitCode.Done;
    }

    private static async Task RecordAsync(LayerStore store, string name, CopyResult result, CancellationToken cancellationToken)
    {
        if (result.Image is { } image)
            await store.RememberAsync(image, cancellationToken).ConfigureAwait(false);
        Digest root = result.Image?.Root ?? result.Root.Digest;
        await store.RecordNameAsync(name, root, result.Root.Digest, cancellationToken).ConfigureAwait(false);
    }
}
