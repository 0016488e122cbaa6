using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;
using WinLayers.Linting;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Cli.Verbs;

/// <summary>Tells what would make Windows refuse a layer, before it does.</summary>
internal sealed class LintVerb : Verb
{
    private readonly Argument<string> _what;
    private readonly Option<bool> _base;
    private readonly ChainOption _chain;
    private readonly SourceOptions _source;
    private readonly LimitOption _limit;

    public LintVerb()
        : base(
            "lint", "Tell what would make Windows refuse a layer",
            "winlayers lint layer.tar.gz --parent layers/base",
            "winlayers lint base.tar.gz --base",
            "winlayers lint oci:layout:app --json")
    {
        _what = AddArgument("LAYER|REF", "A layer's tar, plain or compressed, - for standard input; or an image, all of its layers");
        _base = AddFlag("--base", "The tar is a base layer: it has no parents");
        _chain = new ChainOption(this);
        _source = new SourceOptions(this, new StoreOption(this));
        _limit = new LimitOption(this);
        AddJson();
        Remarks =
            """
            Each line is LAYER:OFFSET: SEVERITY CODE RULE: what, and what to do. The offset is
            that of the entry's header in the uncompressed tar. Exit code 1 where there is an
            error. An image's layers are judged over those below them; of a single tar without
            --parent what depends on them is not judged.
            """;
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string what = call.Get(_what);
        LintDocument document = what == "-" || File.Exists(what)
            ? await LintFileAsync(call, what).ConfigureAwait(false)
            : await LintImageAsync(call, what).ConfigureAwait(false);
        if (call.Output.Json)
            call.Output.Document(document, CommandJson.Default.LintDocument);
        else
            document.WriteTo(call.Output);
        return document.Errors == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task<LintDocument> LintFileAsync(Invocation call, string path)
    {
        _source.RefusePlatform(call, "a layer's tar");
        using var trees = LayerTrees.OpenAll(_chain.Read(call));
        if (call.Get(_base) && trees.All.Count > 0)
            throw new UsageException("--base and --parent exclude each other");
        IReadOnlyList<ILayerTree>? parents = trees.All.Count > 0 || call.Get(_base) ? trees.All : null;
        string name = LayerFile.NameOf(path);
        LayerLimits limits = _limit.Read(call);
        LayerFinding[] findings = await ProgressBoard.RunAsync(call.Output, board =>
        {
            ProgressRow row = board.Add(Path.GetFileName(name), LayerFile.SizeOf(path));
            using Stream tar = LayerFile.OpenTar(path, limits, row, call.CancellationToken);
            return LayerLinter.Lint(tar, parents, limits).ToArray();
        }).ConfigureAwait(false);
        return LintDocument.Of([(name, findings)]);
    }

    private async Task<LintDocument> LintImageAsync(Invocation call, string text)
    {
        LayerLimits limits = _limit.Read(call);
        bool isDigest = DigestArgument.StartOfAny(text) is not null;
        if (!isDigest && (!KnownTransports.Names.TryParse(text, out _) || text.StartsWith('.') || text.StartsWith('/')))
            throw CommandFailedException.NotThere("the layer", text, "Name a layer's tar or an image");
        IImageSource source = await _source.OpenAsync(call, text).ConfigureAwait(false);
        ResolvedImage image =
            await ImageResolver.ResolveAsync(source, _source.Platform(call), call.CancellationToken).ConfigureAwait(false);
        image.RequireLayerCount(limits);
        return await ProgressBoard.RunAsync(call.Output, async board =>
        {
            List<(string, LayerFinding[])> layers = [];
            var linter = new ImageLinter(limits);
            foreach (ResolvedLayer layer in image.Layers)
            {
                ProgressRow row =
                    board.Add(LayerLabel.Of(layer),
                    layer.Descriptor.Size);
                Stream blob = await source.OpenBlobAsync(layer.Descriptor, offset: 0, call.CancellationToken).ConfigureAwait(false);
                LayerFinding[] findings =
                    await Task.Run(() => Lint(linter, limits, blob, layer, row, call.CancellationToken), call.CancellationToken)
                    .ConfigureAwait(false);
                row.Finish(Quantity.Count(findings.Length, "finding"));
                layers.Add((layer.Descriptor.Digest.ToString(), findings));
            }

            return LintDocument.Of(layers);
        }).ConfigureAwait(false);
    }

    private static LayerFinding[] Lint(ImageLinter linter, LayerLimits limits, Stream blob, ResolvedLayer layer, ProgressRow row,
        CancellationToken cancellationToken)
    {
        var verified = new VerifyingStream(new WatchedStream(blob, row.Report, cancellationToken), layer.Descriptor);
        using Stream tar = Decompression.Open(verified, layer.Descriptor.MediaType, limits);
        return [.. linter.LintNext(layer.Descriptor.Digest.ToString(), tar)];
    }
}
