using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Volumes;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Makes the disk of one utility VM.</summary>
internal sealed class UvmScratchVerb : Verb
{
    private readonly Argument<string> _folder;
    private readonly Argument<string> _machine;
    private readonly ChainOption _chain;
    private readonly Option<bool> _grantLayers;

    public UvmScratchVerb()
        : base(
            "scratch", "Copy the chain's template disk for one VM and grant the VM access to the copy (Windows)",
            @"winlayers uvm scratch C:\vm\1 d4f1c2a0-0000-4000-8000-000000000001 --parent C:\layers\app")
    {
        _folder = AddArgument("DIR", "Where the disk goes");
        _machine = AddArgument("VM-ID", "The VM's id, as HCS has it; mostly a GUID");
        _chain = new ChainOption(this);
        _grantLayers = AddFlag("--grant-layers", "Grant the VM access to the template and to every layer of the chain too");
    }

    public override Task<int> RunAsync(Invocation call)
    {
        string machine = GrantAccessVerb.ReadMachine(call.Get(_machine));
        LayerChain chain = _chain.Require(call);
        if (!OperatingSystem.IsWindows())
            throw CommandFailedException.NeedsWindows("uvm scratch",
                "Here 'winlayers uvm locate' finds the template disk, which can be copied");
        call.Output.Line(
            HostOption.Windows(call).CreateUtilityVmScratch(chain, machine, call.Get(_folder), call.Get(_grantLayers)));
        return Task.FromResult(ExitCode.Done);
    }
}
