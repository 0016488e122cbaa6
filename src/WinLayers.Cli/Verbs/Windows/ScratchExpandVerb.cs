using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Windows.Scratch;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Makes a scratch layer's disk larger.</summary>
internal sealed class ScratchExpandVerb : Verb
{
    private readonly Argument<string> _folder;
    private readonly Option<long?> _size;

    public ScratchExpandVerb()
        : base("expand", "Make the disk of a scratch layer larger, while it is not mounted (Windows)",
            @"winlayers scratch expand C:\scratch\web --size 60GB")
    {
        _folder = AddArgument("DIR", "The scratch layer's folder");
        _size = SizeOption.Create("--size", "The new size, larger than the present one");
        Options.Add(_size);
        AddJson();
        Remarks = "A layer made with --storage-filter keeps the size that it was made with.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        long size = call.Get(_size) ?? throw new UsageException("--size is needed");
        if (!OperatingSystem.IsWindows())
            throw ScratchVerbs.NeedsWindows("scratch expand");
        ScratchLayer scratch = HostOption.Windows(call).OpenScratch(call.Get(_folder));
        await using (scratch.ConfigureAwait(false))
            scratch.Expand(size);
        ScratchVerbs.ShowState(call.Output, scratch, "expanded");
        return ExitCode.Done;
    }
}
