using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Volumes;

namespace WinLayers.Cli.Options;

/// <summary><c>--parent DIR</c>, repeated, nearest first. One parent that knows its own chain stands for all of it.</summary>
internal sealed class ChainOption
{
    private readonly Option<string[]> _parents = new("--parent")
    {
        HelpName = "DIR",
        Description = "A layer below; repeat it, nearest first. One with a layerchain.json brings those below it",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public ChainOption(Command verb) => verb.Options.Add(_parents);

    /// <summary>The folders as absolute paths; empty where none was named.</summary>
    public LayerChain Read(Invocation call)
    {
        string[] named = call.Get(_parents) ?? [];
        foreach (string parent in named)
            if (!Directory.Exists(parent))
                throw CommandFailedException.NotThere("the parent layer", parent, "Name a layer's folder, as 'winlayers unpack' prints it");
        string[] folders = [.. named.Select(Path.GetFullPath)];
        return folders is [var only] ? [only, .. Below(only)] : [.. folders];
    }

    /// <summary>The layers below one that knows them, nearest first; empty for one that does not.</summary>
    public static LayerChain Below(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return [.. (LayerChain.ReadFile(full) ?? []).Select(below => Locate(below, full))];
    }

    // The chain names folders as they were when the layer was made; a store that was moved has them side by side as before.
    private static string Locate(string below, string child)
    {
        if (Directory.Exists(below))
            return below;
        string beside = Path.Combine(Path.GetDirectoryName(child) ?? child, Path.GetFileName(below));
        return Directory.Exists(beside)
            ? beside
            : throw CommandFailedException.NotThere("the parent layer", below,
                $"Name every layer with --parent; this one is from {Path.Combine(child, LayerChain.FileName)}");
    }

    /// <summary>The folders; at least one.</summary>
    public LayerChain Require(Invocation call) =>
        Read(call) is { Count: > 0 } chain ? chain : throw new UsageException("at least one --parent is needed");
}
