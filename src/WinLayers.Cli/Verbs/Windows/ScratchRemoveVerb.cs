using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Windows.Scratch;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Unmounts a scratch layer and removes it with what was written to it.</summary>
internal sealed class ScratchRemoveVerb : Verb
{
    private readonly Argument<string> _folder;

    public ScratchRemoveVerb()
        : base("remove", "Unmount a scratch layer and delete it (Windows)", @"winlayers scratch remove C:\scratch\web")
    {
        _folder = AddArgument("DIR", "The scratch layer's folder");
        AddJson();
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        if (!OperatingSystem.IsWindows())
            throw ScratchVerbs.NeedsWindows("scratch remove");
        ScratchLayer scratch = HostOption.Windows(call).OpenScratch(call.Get(_folder));
        await using (scratch.ConfigureAwait(false))
            await scratch.RemoveAsync(call.CancellationToken).ConfigureAwait(false);
        ScratchVerbs.ShowState(call.Output, scratch, "removed");
        return ExitCode.Done;
    }
}
