using WinLayers.Cli.Frame;
using WinLayers.Cli.Terminal;
using WinLayers.Windows.Scratch;

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
            Document(output, scratch, scratch.MountPath is null ? "created" : "mounted");
        else
            output.Line(scratch.MountPath ?? scratch.Folder);
    }

    /// <summary>What became of the layer, where a script needs nothing next.</summary>
    public static void ShowState(Output output, ScratchLayer scratch, string state)
    {
        if (output.Json)
            Document(output, scratch, state);
        else
            output.Message(state);
    }

    private static void Document(Output output, ScratchLayer scratch, string state) =>
        output.Document(new ScratchDocument(scratch.Folder, state, scratch.MountPath, scratch.Parents),
            CommandJson.Default.ScratchDocument);
}

/// <summary>
/// What the verbs about scratch layers print with <c>--json</c>. The state is created, mounted, unmounted, expanded or removed.
/// </summary>
internal sealed record ScratchDocument(string Folder, string State, string? MountPath, IReadOnlyList<string> Parents);
