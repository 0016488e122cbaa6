using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Oci.Copying;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>Copies an image from anywhere to anywhere.</summary>
internal sealed class CopyVerb : Verb
{
    private readonly Argument<string> _from;
    private readonly Argument<string> _to;
    private readonly CopyFlags _flags;
    private readonly SourceOptions _source;

    public CopyVerb()
        : base(
            "copy", "Copy an image between registries and files, byte for byte",
            "winlayers copy docker://registry.example/app:1 oci:app --all",
            "winlayers copy oci:app docker://mirror.example/app:1 --include-foreign",
            "winlayers copy registry.example/app:1 oci-archive:app.tar:1 --all",
            "winlayers copy sample: docker-archive:sample.tar --overwrite")
    {
        _from = AddArgument("SRC", "The image");
        _to = AddArgument("DST", "Where it goes: docker://, oci:, oci-archive: or docker-archive:");
        _flags = new CopyFlags(this);
        _source = new SourceOptions(this);
        AddJson();
        Remarks = SourceOptions.Transports;
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        ImageReference to = ImageArgument.ParseTarget(call.Get(_to));
        _source.Name(ImageArgument.Parse(call.Get(_from)), to);
        using StoreLease? lease = await LeaseAsync(to, call.CancellationToken).ConfigureAwait(false);
        IImageSource source = await _source.OpenAsync(call, call.Get(_from)).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            IImageTarget target = await _source.OpenTargetAsync(call, call.Get(_to), call.Get(_from), _flags.Overwrites(call))
                .ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                CopyOptions options = _flags.Read(call) with { Platform = _source.Platform(call) };
                CopyResult result = await ProgressBoard.RunAsync(
                    call.Output, board => ImageCopier.CopyAsync(source, target, options, new TransferRows(board), call.CancellationToken))
                        .ConfigureAwait(false);
                CopyDocument.Show(call.Output, source.Name, target.Name, result);
            }
        }

        return ExitCode.Done;
    }

    // A layout that is a store is collected by gc: what is half copied there must not be.
    private static async Task<StoreLease?> LeaseAsync(ImageReference to, CancellationToken cancellationToken)
    {
        if (to is not LayoutReference { Folder: var folder } || !LayerStore.Exists(folder))
            return null;
        LayerStore store = await LayerStore.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
        return await store.LeaseAsync(cancellationToken).ConfigureAwait(false);
    }
}
