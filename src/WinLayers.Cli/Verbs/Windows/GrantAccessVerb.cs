using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;

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
        _machine = AddArgument("VM-ID", "The VM's id, as HCS has it; mostly a GUID");
        Arguments.Add(_paths);
    }

    public static string ReadMachine(string text) =>
        !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl)
            ? text
            : throw new UsageException($"'{text}' is not a VM's id: it is empty or holds control characters");

    public override Task<int> RunAsync(Invocation call)
    {
        string machine = ReadMachine(call.Get(_machine));
        if (!OperatingSystem.IsWindows())
            throw CommandFailedException.NeedsWindows("grant-access", "Other systems have no such access to grant");
        string[] paths = [.. call.Get(_paths).Select(Path.GetFullPath)];
        HostOption.Windows(call).GrantVmAccess(machine, paths);
        call.Output.Message($"granted {Quantity.Count(paths.Length, "path")}");
        return Task.FromResult(ExitCode.Done);
    }
}
