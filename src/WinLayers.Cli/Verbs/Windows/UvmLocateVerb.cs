using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Windows.UtilityVm;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Shows what a utility VM boots from. It only looks at folders, so it works on any system.</summary>
internal sealed class UvmLocateVerb : Verb
{
    private readonly ChainOption _chain;

    public UvmLocateVerb()
        : base(
            "locate", "What a utility VM boots from, in a chain of layers that Windows has processed",
            @"winlayers uvm locate --parent C:\ProgramData\WinLayers\layers\4f2a…")
    {
        _chain = new ChainOption(this);
        AddJson();
    }

    public override Task<int> RunAsync(Invocation call)
    {
        var boot = UtilityVmBoot.Locate(_chain.Require(call));
        if (call.Output.Json)
        {
            call.Output.Document(
                new UtilityVmDocument(boot.LayerFolder, boot.UtilityVmFolder, boot.OsFilesFolder, boot.TemplateDisk, boot.BootPath),
                CommandJson.Default.UtilityVmDocument);
            return Task.FromResult(ExitCode.Done);
        }

        var table = new TextTable(new Column("What"), new Column("Where"));
        table.Add("layer", boot.LayerFolder);
        table.Add("utility VM", boot.UtilityVmFolder);
        table.Add("os share", boot.OsFilesFolder);
        table.Add("template disk", boot.TemplateDisk);
        table.Add("boot path in the VM", boot.BootPath);
        table.WriteTo(call.Output);
        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary>What <c>uvm locate --json</c> prints.</summary>
internal sealed record UtilityVmDocument(string Layer, string UtilityVm, string OsFiles, string TemplateDisk, string BootPath);
