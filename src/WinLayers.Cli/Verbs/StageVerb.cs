using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;
using WinLayers.Formats.Text;
using WinLayers.Portable;
using WinLayers.Transport;
using WinLayers.Writing;

namespace WinLayers.Cli.Verbs;

/// <summary>Turns a layer's tar into what ImportLayer takes.</summary>
internal sealed class StageVerb : Verb
{
    private readonly Argument<string> _layer;
    private readonly Argument<string> _out;
    private readonly ChainOption _chain;
    private readonly LimitOption _limit;

    public StageVerb()
        : base(
            "stage", "Write the transport folder that ImportLayer of Windows takes",
            "winlayers stage layer.tar.gz staged --parent layers/base",
            "winlayers stage - staged --parent layers/app --parent layers/base < layer.tar")
    {
        _layer = AddArgument("LAYER", "The layer's tar, plain, gzip or Zstandard; - is standard input");
        _out = AddArgument("OUT", "The transport folder to make");
        _chain = new ChainOption(this);
        _limit = new LimitOption(this);
        AddJson();
        Remarks =
            """
            Beside OUT stands OUT.plan.json: what has to follow the import (removals, hard
            links, directory times), and OUT.uvm.tar where the layer changes the Utility VM.
            'winlayers import' on Windows does all of it. A base layer is not staged:
            unpack the image instead.
            """;
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string layer = call.Get(_layer);
        LayerLimits limits = _limit.Read(call);
        using var parents = LayerTrees.OpenAll(_chain.Read(call));
        StagedLayer staged = await ProgressBoard.RunAsync(call.Output, board =>
        {
            ProgressRow row = board.Add(Path.GetFileName(LayerFile.NameOf(layer)), LayerFile.SizeOf(layer));
            using Stream tar = LayerFile.OpenTar(layer, limits, row, call.CancellationToken);
            return LayerStager.Stage(tar, call.Get(_out), parents.All, limits);
        }).ConfigureAwait(false);

        // Not a message that --quiet takes away: somebody may be about to import half a layer.
        foreach (LayerFinding warning in staged.Warnings)
            Console.Error.WriteLine(
                SafeText.OneLine(
                $"winlayers: warning {warning.Rule.Code} {warning.Rule.Name}: {warning.Detail}. {Remedies.Of(warning.Rule)}"));
        if (call.Output.Json)
        {
            call.Output.Document(StagedDocument.Of(staged), CommandJson.Default.StagedDocument);
            return ExitCode.Done;
        }

        call.Output.Message(
            $"staged {Quantity.Count(staged.EntryCount, "entry", "entries")}, {Quantity.Bytes(staged.DataBytes)}; after the import: " +
            $"{Quantity.Count(staged.Plan.Removals.Count, "removal")}, {Quantity.Count(staged.Plan.Links.Count, "link")}, " +
            $"times of {Quantity.Count(staged.Plan.DirectoryTimes.Count, "directory", "directories")}");
        call.Output.Line(staged.Folder);
        call.Output.Line(staged.PlanFile);
        if (staged.UtilityVmFile is { } utilityVm)
            call.Output.Line(utilityVm);
        return ExitCode.Done;
    }
}

/// <summary>What <c>stage --json</c> prints.</summary>
internal sealed record StagedDocument(
    string Folder, string Plan, string? UtilityVm, long Entries, long Files, long Bytes, int Removals, int Links, int DirectoryTimes,
        IReadOnlyList<string> Warnings)
{
    public static StagedDocument Of(StagedLayer staged) => new(
        staged.Folder, staged.PlanFile, staged.UtilityVmFile, staged.EntryCount, staged.FileCount, staged.DataBytes,
        staged.Plan.Removals.Count, staged.Plan.Links.Count, staged.Plan.DirectoryTimes.Count,
            [.. staged.Warnings.Select(warning => warning.Rule.Name)]);
}
