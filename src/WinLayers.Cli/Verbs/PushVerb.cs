using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Sources;

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
        _source = new SourceOptions(this, _store);
        AddJson();
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        CopyOptions options = _flags.Read(call, _source);
        IImageSource source = await _source.OpenStoredAsync(call, call.Get(_name)).ConfigureAwait(false);
        string to = call.Get(_target) ?? (StoreOption.NameOf(source) is null
            ? throw new UsageException("a digest alone does not say where the image goes: name DST") : source.Name);
        IImageTarget target = await _source.OpenTargetAsync(call, to, source, _flags.Overwrites(call)).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            CopyResult result = await ProgressBoard.RunAsync(
                call.Output, board => ImageCopier.CopyAsync(source, target, options, new TransferRows(board), call.CancellationToken))
                    .ConfigureAwait(false);
            CopyDocument.Show(call.Output, source.Name, target.Name, result);
        }

        return ExitCode.Done;
    }
}
