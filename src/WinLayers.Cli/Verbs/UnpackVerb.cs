using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.Sources;
using WinLayers.Storage;
using WinLayers.Unpacking;
using WinLayers.Unpacking.Pipeline;

namespace WinLayers.Cli.Verbs;

/// <summary>The main job: pull, verify, unpack, finish, and print the chain.</summary>
internal sealed class UnpackVerb : Verb
{
    private readonly Argument<string> _reference;
    private readonly Option<bool> _timings;
    private readonly HostOption _host;
    private readonly SourceOptions _source;
    private readonly StoreOption _store;
    private readonly LimitOption _limit;

    public UnpackVerb()
        : base(
            "unpack", "Pull, verify and unpack an image; print its layers' folders",
            "winlayers unpack sample:",
            "winlayers unpack docker://mcr.microsoft.com/windows/nanoserver:ltsc2022",
            "winlayers unpack oci:layout --os-version 10.0.20348 --json")
    {
        _reference = AddArgument("REF", "The image");
        _timings = AddFlag("--timings", "Tell where the time went, stage by stage");
        _host = new HostOption(this);
        _store = new StoreOption(this);
        _source = new SourceOptions(this, _store);
        _limit = new LimitOption(this);
        AddJson();
        Remarks =
            SourceOptions.Transports + "\n" +
            """
            On a pipe the folders come one a line, child to parent: the first is the layer that
            a container's scratch layer stands on.
            """;
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        LayerLimits limits = _limit.Read(call);
        PlatformRequest? platform = _source.Platform(call);
        IImageSource source = await _source.OpenAsync(call, call.Get(_reference)).ConfigureAwait(false);
        LayerStore store = await _store.OpenAsync(call).ConfigureAwait(false);
        var unpacker = new ImageUnpacker(store, _host.Open(call), new UnpackOptions { Limits = limits });
        UnpackedImage image = await ProgressBoard.RunAsync(
            call.Output,
            board => unpacker.UnpackAsync(source, platform, StoreOption.NameOf(source), new UnpackRows(board), call.CancellationToken))
                .ConfigureAwait(false);
        if (image.Warning is { } warning)
            call.Output.Message($"warning: {image.Name}: {warning}");
        foreach (RepairedItem repaired in image.Repaired)
            call.Output.Message($"{repaired.Where} was damaged and is made good ({RepairDocument.Step.NameOf(repaired.Kind)})");
        if (call.Output.Json)
            call.Output.Document(UnpackedDocument.Of(image), CommandJson.Default.UnpackedDocument);
        else
            Show(image, call);
        return ExitCode.Done;
    }

    private void Show(UnpackedImage image, Invocation call)
    {
        bool wasThere = image.Layers.All(layer => layer.WasPresent);
        call.Output.Message(
            $"{image.Name}, {$"{image.Platform.Os}/{image.Platform.Architecture} {image.Platform.OsVersion}".TrimEnd()}: " +
            $"{Quantity.Count(image.Layers.Count, "layer")} " +
                $"{(wasThere ? "there already" : "unpacked")} in {Quantity.Duration(image.Elapsed)}");
        if (call.Get(_timings))
            ShowTimings(image, call.Output);
        if (call.Output.IsTerminal)
            Draw(image, call.Output);

        // Never inside the table, which would break them: folders are for copying.
        foreach (string folder in image.Chain)
            call.Output.Line(folder);
    }

    private static void Draw(UnpackedImage image, Output output)
    {
        var table = new TextTable(
            new Column("Layer", IsNumber: true), new Column("Chain id"), new Column("Blob"), new Column("Entries", IsNumber: true),
                new Column("Written in", IsNumber: true));
        for (int i = 0; i < image.Layers.Count; i++)
        {
            UnpackedLayer layer = image.Layers[i];
            TimeSpan took =
                layer.Stages.Aggregate(TimeSpan.Zero,
                (sum, stage) => stage.Stage is "write" or "finish" ? sum + stage.Busy + stage.Waiting : sum);
            table.Add(
                $"{image.Layers.Count - 1 - i}",
                ShortDigest.Of(layer.Layer.Identity.ChainId),
                ShortDigest.Of(layer.Layer.Identity.Digest),
                layer.WasPresent ? "" : $"{layer.Entries:N0}",
                layer.WasPresent ? "there already" : Quantity.Duration(took));
        }

        table.WriteTo(output);
    }

    // Timings are for people to look at: with the folders on stdout they go beside them.
    private static void ShowTimings(UnpackedImage image, Output output)
    {
        foreach (UnpackedLayer layer in image.Layers.Reverse().Where(l => !l.WasPresent))
        {
            output.Message($"layer {ShortDigest.Of(layer.Layer.Identity.Digest)}, {Quantity.Count(layer.Entries, "entry", "entries")}");
            foreach (StageTiming stage in layer.Stages)
            {
                output.Message(
                    $"  {stage.Stage,-8} {Quantity.Bytes(stage.Bytes),9}  busy {Quantity.Duration(stage.Busy),8} " +
                        $"({Quantity.Rate(stage.Bytes, stage.Busy)})" +
                    $"  waiting {Quantity.Duration(stage.Waiting)}");
            }
        }
    }
}
