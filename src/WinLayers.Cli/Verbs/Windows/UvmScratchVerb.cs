using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Volumes;
using WinLayers.Windows;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Makes the disk of one utility VM.</summary>
internal sealed class UvmScratchVerb : Verb
{
    private readonly Argument<string> _folder;
    private readonly Argument<string> _machine;
    private readonly ChainOption _chain;

    public UvmScratchVerb()
        : base(
            "scratch", "Copy the chain's template disk for one VM and grant the VM access to it and to the chain (Windows)",
            @"winlayers uvm scratch C:\vm\1 d4f1c2a0-0000-4000-8000-000000000001 --parent C:\layers\app")
    {
        _folder = AddArgument("DIR", "Where the disk goes");
        _machine = AddArgument("VM-ID", "The VM's id, a GUID");
        _chain = new ChainOption(this);
    }

    public override Task<int> RunAsync(Invocation call)
    {
        Guid machine = GrantAccessVerb.ReadMachine(call.Get(_machine));
        LayerChain chain = _chain.Require(call);
        if (!OperatingSystem.IsWindows())
            throw CommandFailedException.NeedsWindows("uvm scratch",
                "Here 'winlayers uvm locate' finds the template disk, which can be copied");
        call.Output.Line(new HcsLayerHost().CreateUtilityVmScratch(chain, machine, call.Get(_folder)));
        return Task.FromResult(ExitCode.Done);
    }
}
