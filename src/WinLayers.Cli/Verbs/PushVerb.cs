using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>Sends an image of the store on.</summary>
internal sealed class PushVerb : Verb
{
    private readonly Argument<string> _name;
    private readonly Argument<string?> _target;
    private readonly CopyFlags _flags;
    private readonly StoreOption _store;
    private readonly SourceOptions _source;

    public PushVerb()
        : base(
            "push", "Send an image of the store to a registry or file",
            "winlayers push registry.example/app:1",
            "winlayers push sample: docker://registry.example/sample:1 --include-foreign")
    {
        _name = AddArgument("REF", "The image, under the reference that it was pulled or unpacked from");
        _target = AddOptionalArgument("DST", "Where it goes; without, to REF itself");
        _flags = new CopyFlags(this);
        _store = new StoreOption(this);
        _source = new SourceOptions(this);
        AddJson();
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        ImageReference reference = ImageArgument.Parse(call.Get(_name));
        string name = StoreOption.NameOf(reference);
        LayerStore? store = await _store.OpenIfThereAsync(call).ConfigureAwait(false);
        if (store?.Blobs.Index.Find(name) is null)
            throw CommandFailedException.NotThere("the image", reference.ToString(),
                $"Bring it into the store {_store.Location(call)} first: winlayers pull {reference}");
        IImageSource source = OciLayoutSource.Open(store.Blobs, name);
        await using (source.ConfigureAwait(false))
        {
            IImageTarget target =
                await _source.OpenTargetAsync(call, call.Get(_target) ?? reference.ToString(), reference.ToString(),
                    _flags.Overwrites(call)).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                CopyOptions options = _flags.Read(call) with { Platform = _source.Platform(call) };
                CopyResult result = await ProgressBoard.RunAsync(
                    call.Output, board => ImageCopier.CopyAsync(source, target, options, new TransferRows(board), call.CancellationToken))
                        .ConfigureAwait(false);
                CopyDocument.Show(call.Output, name, target.Name, result);
            }
        }

        return ExitCode.Done;
    }
}
