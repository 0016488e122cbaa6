using System.Runtime.InteropServices;
using WinLayers.Cli.Frame;

namespace WinLayers.Cli.Verbs;

/// <summary>Prints the version, as <c>--version</c> does.</summary>
internal sealed class VersionVerb : Verb
{
    public VersionVerb()
        : base("version", "Show the version", "winlayers version", "winlayers version --json") => AddJson();

    public override Task<int> RunAsync(Invocation call)
    {
        if (call.Output.Json)
        {
            call.Output.Document(
                new VersionDocument(CommandFrame.Version, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription),
                CommandJson.Default.VersionDocument);
        }
        else
        {
            call.Output.Line($"winlayers {CommandFrame.Version}");
        }

        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary>What <c>version --json</c> prints.</summary>
internal sealed record VersionDocument(string Version, string Runtime, string System);
