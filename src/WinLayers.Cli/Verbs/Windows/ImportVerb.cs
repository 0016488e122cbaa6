using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Volumes;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Imports what <c>stage</c> made, here or elsewhere.</summary>
internal sealed class ImportVerb : Verb
{
    private readonly Argument<string> _staged;
    private readonly Argument<string> _layer;
    private readonly ChainOption _chain;

    public ImportVerb()
        : base(
            "import", "Import a staged layer and follow its plan (Windows)",
            @"winlayers import staged C:\layers\app --parent C:\layers\base")
    {
        _staged = AddArgument("STAGED", "The folder that 'winlayers stage' made; its plan stands beside it");
        _layer = AddArgument("LAYER", "The layer's folder to make");
        _chain = new ChainOption(this);
        Remarks =
            """
            STAGED comes with STAGED.plan.json, and with STAGED.uvm.tar where the plan says
            that the layer changes the Utility VM: without them nothing is imported. A plan
            made on another system finds its parents by the last part of their names.
            """;
    }

    public override Task<int> RunAsync(Invocation call)
    {
        string staged = call.Get(_staged), layer = call.Get(_layer);
        LayerChain parents = _chain.Require(call);
        if (!OperatingSystem.IsWindows())
        {
            throw CommandFailedException.NeedsWindows(
                "import", "Take the staged folder and its plan to Windows, or use 'winlayers unpack' here, which needs no import");
        }

        if (!Directory.Exists(staged))
            throw CommandFailedException.NotThere("the staged folder", staged, "Make it with 'winlayers stage'");
        HostOption.Windows(call).ImportStaged(staged, layer, parents);
        call.Output.Line(Path.GetFullPath(layer));
        return Task.FromResult(ExitCode.Done);
    }
}
