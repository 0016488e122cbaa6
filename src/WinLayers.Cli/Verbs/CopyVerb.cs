using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Content;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>Copies an image from anywhere to anywhere.</summary>
internal sealed class CopyVerb : Verb
{
    private readonly Argument<string> _from;
    private readonly Argument<string?> _to;
    private readonly Option<string?> _list;
    private readonly CopyFlags _flags;
    private readonly StoreOption _store;
    private readonly SourceOptions _source;

    public CopyVerb()
        : base(
            "copy", "Copy an image between registries and files, byte for byte",
            "winlayers copy docker://registry.example/app:1 oci:app --all",
            "winlayers copy oci:app docker://mirror.example/app:1 --include-foreign",
            "winlayers copy registry.example/app:1 oci-archive:app.tar:1 --all",
            "winlayers copy --from-file images.txt oci-archive:bundle.tar --include-foreign",
            "winlayers copy sample: docker-archive:sample.tar --overwrite")
    {
        _from = AddArgument("SRC", "The image; with --from-file nothing, and DST alone");
        _to = AddOptionalArgument("DST", "Where it goes: docker://, oci:, oci-archive: or docker-archive:");
        _list = AddOption("--from-file", "LIST", "The images that this file names, one a line, into one oci: or oci-archive:");
        _flags = new CopyFlags(this);
        _store = new StoreOption(this);
        _source = new SourceOptions(this, _store);
        AddJson();
        Remarks = SourceOptions.Transports;
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string? list = call.Get(_list);
        if (list is null != call.Get(_to) is not null)
            throw new UsageException(
                list is null ? "DST is missing: where the image goes" : "with --from-file there is one argument: where all of it goes");
        if (list is not null)
            return await CopyAllAsync(call, list, call.Get(_from)).ConfigureAwait(false);
        string target = call.Get(_to)!;
        ImageReference to = ImageArgument.ParseTarget(target);
        _ = KnownTransports.Names.TryParse(call.Get(_from), out ImageReference? from);
        _source.Name(from, to);
        using StoreLease? lease = await LeaseAsync(to, call.CancellationToken).ConfigureAwait(false);
        IImageSource source = await _source.OpenAsync(call, call.Get(_from)).ConfigureAwait(false);
        IImageTarget place = await _source.OpenTargetAsync(call, target, source, _flags.Overwrites(call)).ConfigureAwait(false);
        await using (place.ConfigureAwait(false))
            CopyDocument.Show(call.Output, source.Name, place.Name, await CopyAsync(call, source, place).ConfigureAwait(false));
        return ExitCode.Done;
    }

    private async Task<int> CopyAllAsync(Invocation call, string list, string target)
    {
        ImageReference to = ImageArgument.ParseTarget(target);
        IReadOnlyList<ImageReference> images = await ImageList.ReadAsync(list, call.CancellationToken).ConfigureAwait(false);
        _source.Name([.. images]);
        switch (to)
        {
            case OciArchiveReference { Name: null, Digest: null, File: var file }:
                OciArchiveBundle bundle =
                    await OciArchiveBundle.OpenAsync(file, _flags.Overwrites(call), call.CancellationToken).ConfigureAwait(false);
                await using (bundle.ConfigureAwait(false))
                {
                    List<CopyDocument> copied = await CopyAllAsync(call, images, bundle.OpenTarget, target).ConfigureAwait(false);
                    await bundle.CompleteAsync(call.CancellationToken).ConfigureAwait(false);
                    CopyListDocument.Show(call.Output, target, copied);
                }

                return ExitCode.Done;
            case LayoutReference { Name: null, Digest: null, Folder: var folder }:
                using (StoreLease? lease = await LeaseAsync(to, call.CancellationToken).ConfigureAwait(false))
                {
                    BlobStore blobs = await BlobStore.CreateAsync(folder, call.CancellationToken).ConfigureAwait(false);
                    CopyListDocument.Show(call.Output, target,
                        await CopyAllAsync(call, images, name => OciLayoutTarget.Open(blobs, name), target).ConfigureAwait(false));
                }

                return ExitCode.Done;
            default:
                throw new UsageException("--from-file goes to oci:FOLDER or oci-archive:FILE, where each image has its own name");
        }
    }

    private async Task<List<CopyDocument>> CopyAllAsync(
        Invocation call, IReadOnlyList<ImageReference> images, Func<string, IImageTarget> open, string target)
    {
        List<CopyDocument> copied = [];
        foreach (ImageReference image in images)
        {
            string name = StoreOption.NameOf(image);
            IImageSource source = await _source.OpenAsync(call, image.ToString()).ConfigureAwait(false);
            IImageTarget place = open(name);
            await using (place.ConfigureAwait(false))
                copied.Add(CopyDocument.Of(source.Name, $"{target}:{name}", await CopyAsync(call, source, place).ConfigureAwait(false)));
            call.Output.Message($"{image} → {target}:{name}");
        }

        return copied;
    }

    private Task<CopyResult> CopyAsync(Invocation call, IImageSource source, IImageTarget target)
    {
        CopyOptions options = _flags.Read(call, _source);
        return ProgressBoard.RunAsync(
            call.Output, board => ImageCopier.CopyAsync(source, target, options, new TransferRows(board), call.CancellationToken));
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
