using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Volumes;
using WinLayers.Windows.Scratch;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Mounts a scratch layer that stands.</summary>
internal sealed class ScratchMountVerb : Verb
{
    private readonly Argument<string> _folder;
    private readonly ChainOption _chain;

    public ScratchMountVerb()
        : base("mount", "Mount a scratch layer and print its volume's path (Windows)", @"winlayers scratch mount C:\scratch\web")
    {
        _folder = AddArgument("DIR", "The scratch layer's folder");
        _chain = new ChainOption(this);
        AddJson();
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        if (!OperatingSystem.IsWindows())
            throw ScratchVerbs.NeedsWindows("scratch mount");
        LayerChain? named = _chain.Read(call) is { Count: > 0 } chain ? chain : null;
        ScratchLayer scratch = HostOption.Windows(call).OpenScratch(call.Get(_folder), named);
        await using (scratch.ConfigureAwait(false))
        {
            await scratch.MountAsync(call.CancellationToken).ConfigureAwait(false);
            ScratchVerbs.Show(call.Output, scratch);
        }

        return ExitCode.Done;
    }
}
