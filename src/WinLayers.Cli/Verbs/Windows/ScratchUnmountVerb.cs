using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Windows.Scratch;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Unmounts a scratch layer; what was written to it stays.</summary>
internal sealed class ScratchUnmountVerb : Verb
{
    private readonly Argument<string> _folder;

    public ScratchUnmountVerb()
        : base("unmount", "Unmount a scratch layer; what was written to it stays (Windows)", @"winlayers scratch unmount C:\scratch\web")
    {
        _folder = AddArgument("DIR", "The scratch layer's folder");
        AddJson();
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        if (!OperatingSystem.IsWindows())
            throw ScratchVerbs.NeedsWindows("scratch unmount");
        ScratchLayer scratch = HostOption.Windows(call).OpenScratch(call.Get(_folder));
        await using (scratch.ConfigureAwait(false))
            await scratch.UnmountAsync(call.CancellationToken).ConfigureAwait(false);
        ScratchVerbs.ShowState(call.Output, scratch, "unmounted");
        return ExitCode.Done;
    }
}
