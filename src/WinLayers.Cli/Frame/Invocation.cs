using System.CommandLine;
using WinLayers.Cli.Terminal;

namespace WinLayers.Cli.Frame;

/// <summary>One run of one verb: what was typed, where to write, when to stop.</summary>
internal sealed class Invocation(ParseResult typed, Output output, CancellationToken cancellationToken)
{
    public Output Output { get; } = output;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public ParseResult Typed { get; } = typed;

    public T Get<T>(Argument<T> argument) => Typed.GetRequiredValue(argument);

    public T? Get<T>(Option<T> option) => Typed.GetValue(option);
}
