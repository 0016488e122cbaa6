using System.CommandLine;
using WinLayers.Cli.Verbs;
using WinLayers.Cli.Verbs.Windows;

namespace WinLayers.Cli.Frame;

/// <summary>All verbs, and their order on the help page.</summary>
internal static class CommandTree
{
    public static IReadOnlyList<Section> Sections { get; } =
    [
        new("Images", ["unpack", "pull", "push", "copy", "inspect", "tags", "digest", "delete", "platform", "sample"]),
        new("Registries", ["login", "logout"]),
        new("Contents", ["ls", "cat", "extract"]),
        new("Layers", ["lint", "stage", "import", "export"]),
        new("Store", ["verify", "repair", "gc", "destroy", "doctor"]),
        new("Containers and VMs", ["scratch", "uvm", "grant-access"]),
        new("Shell", ["completion", "help", "version"]),
    ];

    public static IReadOnlyList<string> Examples { get; } =
    [
        "winlayers unpack sample:",
        "winlayers unpack docker://mcr.microsoft.com/windows/nanoserver:ltsc2022",
    ];

    public static Command Create()
    {
        var root = new Command("winlayers", "Windows container images and their layers, on Windows and off it.");
        root.Options.Add(HelpPage.CreateOption());
        root.Options.Add(new Option<bool>("--version") { Description = "Show the version" });
        root.Options.Add(CommonOptions.Quiet);
        root.Options.Add(CommonOptions.Verbose);

        foreach (Command verb in CreateVerbs())
            root.Subcommands.Add(verb);
        return root;
    }

    private static IEnumerable<Command> CreateVerbs() =>
    [
        new UnpackVerb(), new PullVerb(), new PushVerb(), new CopyVerb(), new InspectVerb(), new PlatformVerb(), new SampleVerb(),
        new TagsVerb(), new DigestVerb(), new DeleteVerb(), new LoginVerb(), new LogoutVerb(),
        new LsVerb(), new CatVerb(), new ExtractVerb(),
        new LintVerb(), new StageVerb(), new ImportVerb(), new ExportVerb(),
        new VerifyVerb(), new RepairVerb(), new GcVerb(), new DestroyVerb(), new DoctorVerb(),
        new VerbGroup(
            "scratch", "Writable layers for containers",
            new ScratchCreateVerb(), new ScratchMountVerb(), new ScratchUnmountVerb(), new ScratchExpandVerb(), new ScratchRemoveVerb()),
        new VerbGroup("uvm", "Utility VMs of Hyper-V isolation", new UvmLocateVerb(), new UvmScratchVerb()),
        new GrantAccessVerb(),
        new CompletionVerb(), new HelpVerb(), new VersionVerb(),
    ];

    public sealed record Section(string Title, string[] Verbs);
}
