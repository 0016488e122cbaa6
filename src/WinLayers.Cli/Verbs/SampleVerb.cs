using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Sources;
using WinLayers.Samples;

namespace WinLayers.Cli.Verbs;

/// <summary>Writes the made-up image to try things with, or says what there is.</summary>
internal sealed class SampleVerb : Verb
{
    private readonly Argument<string?> _target;
    private readonly Option<bool> _large;
    private readonly Option<int?> _entries;
    private readonly Option<long?> _bytes;
    private readonly Option<bool> _overwrite = CopyFlags.CreateOverwrite();
    private readonly SourceOptions _source;

    public SampleVerb()
        : base(
            "sample", "Show or write the made-up image to try things with",
            "winlayers sample",
            "winlayers sample oci:sample",
            "winlayers sample --large --entries 20000 --bytes 1GB docker-archive:large.tar")
    {
        _target = AddOptionalArgument("DST",
            "Write it there: oci:, oci-archive:, docker-archive: or docker://. Without, say what is in it");
        _large = AddFlag("--large", "The one whose size can be chosen");
        _entries = AddNumber("--entries", "N", "About how many entries its base layer has; implies --large");
        _bytes = SizeOption.Create("--bytes", "About how many bytes its base layer's files hold; implies --large");
        Options.Add(_bytes);
        Options.Add(_overwrite);
        _source = new SourceOptions(this, store: null, withPlatform: false);
        AddJson();
        Remarks = "Every verb that takes an image takes sample: and sample:large?entries=N&bytes=M\nthemselves; the same name is " +
            "the same image, byte for byte, everywhere.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        IImageSource source = await _source.OpenAsync(call, ReferenceOf(call)).ConfigureAwait(false);
        if (call.Get(_target) is not { } to)
        {
            ResolvedImage image = await ImageResolver.ResolveAsync(source, request: null, call.CancellationToken).ConfigureAwait(false);
            InspectVerb.Show(call.Output, image);
            return ExitCode.Done;
        }

        IImageTarget target = await _source.OpenTargetAsync(call, to, source, call.Get(_overwrite)).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            CopyResult result = await ProgressBoard.RunAsync(
                call.Output,
                board => ImageCopier.CopyAsync(source, target, CopyOptions.Default, new TransferRows(board), call.CancellationToken))
                    .ConfigureAwait(false);
            CopyDocument.Show(call.Output, source.Name, target.Name, result);
        }

        return ExitCode.Done;
    }

    private string ReferenceOf(Invocation call)
    {
        List<string> sizes = [];
        if (call.Get(_entries) is { } entries)
            sizes.Add($"entries={entries}");
        if (call.Get(_bytes) is { } bytes)
            sizes.Add($"bytes={bytes}");
        if (sizes.Count > 0)
            return $"sample:{SampleReference.Large}?{string.Join('&', sizes)}";
        return $"sample:{(call.Get(_large) ? SampleReference.Large : SampleReference.Default)}";
    }
}
