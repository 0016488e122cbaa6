using WinLayers.Cli.Frame;
using WinLayers.Cli.Terminal;
using WinLayers.Hosts.Hcs;

namespace WinLayers.Cli.Verbs.Windows;

/// <summary>What the verbs about scratch layers share.</summary>
internal static class ScratchVerbs
{
    public static CommandFailedException NeedsWindows(string verb) => CommandFailedException.NeedsWindows(
        verb, "Here 'winlayers unpack' prepares the layers, and 'winlayers extract' gives you their files");

    /// <summary>Where the layer is mounted, else its folder: what a script needs next.</summary>
    public static void Show(Output output, ScratchLayer scratch)
    {
        if (output.Json)
            output.Document(new ScratchDocument(scratch.Folder, scratch.MountPath, scratch.Parents), CommandJson.Default.ScratchDocument);
        else
            output.Line(scratch.MountPath ?? scratch.Folder);
    }
}

/// <summary>What <c>scratch create --json</c> and <c>scratch mount --json</c> print.</summary>
internal sealed record ScratchDocument(string Folder, string? MountPath, IReadOnlyList<string> Parents);
