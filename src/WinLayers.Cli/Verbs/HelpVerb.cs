using System.CommandLine;
using WinLayers.Cli.Frame;

namespace WinLayers.Cli.Verbs;

/// <summary><c>help VERB</c>, which the frame reads as <c>VERB --help</c>; here for the help page and completion.</summary>
internal sealed class HelpVerb : Verb
{
    public HelpVerb()
        : base("help", "Show the help of a verb", "winlayers help unpack", "winlayers help scratch create") =>
        Arguments.Add(new Argument<string[]>("VERB") { Description = "The verb, with the group before it that it is in" });

    public override Task<int> RunAsync(Invocation call) =>
        throw new InvalidOperationException("The frame has read 'help VERB' as 'VERB --help'.");
}
