using System.CommandLine;

namespace WinLayers.Cli.Frame;

/// <summary>A word that holds verbs, such as <c>scratch</c>; alone it shows its help.</summary>
internal sealed class VerbGroup : Command
{
    public VerbGroup(string name, string description, params Verb[] verbs)
        : base(name, description)
    {
        foreach (Verb verb in verbs)
            Subcommands.Add(verb);
    }
}
