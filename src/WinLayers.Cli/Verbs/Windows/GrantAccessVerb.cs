using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Terminal;
using WinLayers.Windows;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>Grants a VM access to disks and layers.</summary>
internal sealed class GrantAccessVerb : Verb
{
    private readonly Argument<string> _machine;
    private readonly Argument<string[]> _paths = new("PATH") { Description = "Disks and layer folders", Arity = ArgumentArity.OneOrMore };

    public GrantAccessVerb()
        : base(
            "grant-access", "Grant a VM access to disks and layer folders (Windows)",
            @"winlayers grant-access d4f1c2a0-0000-4000-8000-000000000001 C:\scratch\vm\sandbox.vhdx C:\layers\app")
    {
        _machine = AddArgument("VM-ID", "The VM's id, a GUID");
        Arguments.Add(_paths);
    }

    public static Guid ReadMachine(string text) =>
        Guid.TryParse(text, out Guid machine) ? machine : throw new UsageException($"'{text}' is not a VM's id: expected a GUID");

    public override Task<int> RunAsync(Invocation call)
    {
        Guid machine = ReadMachine(call.Get(_machine));
        if (!OperatingSystem.IsWindows())
            throw CommandFailedException.NeedsWindows("grant-access", "Other systems have no such access to grant");
        string[] paths = [.. call.Get(_paths).Select(Path.GetFullPath)];
        new HcsLayerHost().GrantVmAccess(machine, paths);
        call.Output.Message($"granted {Quantity.Count(paths.Length, "path")}");
        return Task.FromResult(ExitCode.Done);
    }
}
