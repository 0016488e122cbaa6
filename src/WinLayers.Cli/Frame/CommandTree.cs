using System.CommandLine;
using WinLayers.Cli.Verbs;

namespace WinLayers.Cli.Frame;

/// <summary>All verbs, and their order on the help page.</summary>
internal static class CommandTree
{
    public static IReadOnlyList<Section> Sections { get; } =
    [
        new("Images", ["unpack", "pull", "push", "copy", "inspect", "platform", "sample"]),
        new("Contents", ["ls", "cat", "extract"]),
        new("Layers", ["lint", "stage", "import", "export"]),
        new("Store", ["verify", "gc", "destroy", "doctor"]),
        new("Containers and VMs", ["scratch", "uvm", "grant-access"]),
        new("Shell", ["completion"]),
    ];

    public static IReadOnlyList<string> Examples { get; } =
    [
        "winlayers unpack sample:basic",
        "winlayers unpack docker://mcr.microsoft.com/windows/nanoserver:ltsc2022",
    ];

    public static Command Create()
    {
        var root = new Command("winlayers", "Windows container images and their layers, on Windows and off it.");
        root.Options.Add(HelpPage.CreateOption());
        root.Options.Add(new Option<bool>("--version") { Description = "Show the version" });
        root.Options.Add(CommonOptions.Quiet);
        root.Options.Add(CommonOptions.Verbose);

        root.Subcommands.Add(new CompletionVerb());
        return root;
    }

    public sealed record Section(string Title, string[] Verbs);
}
