using System.CommandLine;

namespace WinLayers.Cli.Options;

/// <summary>Where the files that a verb shows are: the store, a source, one layer or all.</summary>
internal sealed class ViewOptions
{
    public ViewOptions(Command verb)
    {
        Store = new StoreOption(verb);
        Source = new SourceOptions(verb, Store);
    }

    public StoreOption Store { get; }

    public SourceOptions Source { get; }
}
