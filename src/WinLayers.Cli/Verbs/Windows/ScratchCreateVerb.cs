using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Windows.Scratch;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Makes a writable layer for a container.</summary>
internal sealed class ScratchCreateVerb : Verb
{
    private readonly Argument<string> _folder;
    private readonly ChainOption _chain;
    private readonly Option<bool> _hyperV;
    private readonly Option<bool> _storageFilter;
    private readonly Option<long?> _size;

    public ScratchCreateVerb()
        : base(
            "create", "Make a writable layer over a chain, and mount it for process isolation (Windows)",
            @"winlayers scratch create C:\scratch\web --parent C:\ProgramData\WinLayers\layers\4f2a…",
            @"winlayers scratch create C:\scratch\vm --hyperv --size 40GB --parent C:\layers\app")
    {
        _folder = AddArgument("DIR", "Where the scratch layer goes; not there yet, or empty");
        _chain = new ChainOption(this);
        _hyperV = AddFlag("--hyperv", "For Hyper-V isolation: create only, since a mounted disk cannot be attached to a VM");
        _storageFilter = AddFlag("--storage-filter", "Use a virtual disk and the storage filter of computestorage.dll");
        _size = SizeOption.Create("--size", "Size of the disk; Windows takes 20 GB");
        Options.Add(_size);
        AddJson();
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        if (call.Get(_hyperV) && call.Get(_storageFilter))
            throw new UsageException("--hyperv and --storage-filter exclude each other");
        var options = new ScratchOptions
        {
            Isolation = call.Get(_hyperV) ? ScratchIsolation.HyperV : ScratchIsolation.Process,
            Method = call.Get(_storageFilter) ? ScratchMethod.StorageFilter : ScratchMethod.Sandbox,
            SizeBytes = call.Get(_size),
        };
        if (!OperatingSystem.IsWindows())
            throw ScratchVerbs.NeedsWindows("scratch create");
        ScratchLayer scratch = await HostOption.Windows(call)
            .CreateScratchAsync(call.Get(_folder), _chain.Require(call), options, call.CancellationToken).ConfigureAwait(false);
        await using (scratch.ConfigureAwait(false))
        {
            scratch.Keep();
            ScratchVerbs.Show(call.Output, scratch);
        }

        return ExitCode.Done;
    }
}
