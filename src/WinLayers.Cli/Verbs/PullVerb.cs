using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Oci.Copying;
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
        _source = new SourceOptions(this);
        AddJson();
        Remarks = "The store is an OCI image layout: other tools read the image from it as\noci:STORE:NAME. Foreign layers come too. A pull that broke off goes on where it was;\nwhat the store has is read again, and fetched again where it is damaged.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string text = call.Get(_reference);
        string name = StoreOption.NameOf(ImageArgument.Parse(text));
        LayerStore store = await _store.OpenAsync(call).ConfigureAwait(false);
        using StoreLease lease = await store.LeaseAsync(call.CancellationToken).ConfigureAwait(false);
        IImageSource source = await _source.OpenAsync(call, text).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var target = OciLayoutTarget.Open(store.Blobs, name);
            var options =
                new CopyOptions
                {
                    AllPlatforms = call.Get(_all),
                    VerifyPresent = true,
                    Foreign = ForeignLayerHandling.Include,
                    Platform = _source.Platform(call)
                };
            CopyResult result = await ProgressBoard.RunAsync(
                call.Output, board => ImageCopier.CopyAsync(source, target, options, new TransferRows(board), call.CancellationToken))
                    .ConfigureAwait(false);
            CopyDocument.Show(call.Output, source.Name, store.Root, result);
        }

        return ExitCode.Done;
    }
}
