using System.CommandLine;
using WinLayers.Cli.Terminal;

namespace WinLayers.Cli.Frame;

/// <summary>One run of one verb: what was typed, where to write, when to stop.</summary>
internal sealed class Invocation(ParseResult typed, Output output, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly Stack<object> _owned = [];

    public Output Output { get; } = output;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public ParseResult Typed { get; } = typed;

    /// <summary>
    /// How something that was typed was understood, where it may have been meant otherwise: told where a registry refuses.
    /// </summary>
    public string? Doubt { get; set; }

    /// <summary>Whether the store could answer for a source that cannot be reached; null where none was asked.</summary>
    public Func<Task<bool>>? ElseFromStore { get; set; }

    /// <summary>What was typed; null for an optional argument that was not. The parser has seen to the others.</summary>
    public T Get<T>(Argument<T> argument) => Typed.GetValue(argument)!;

    public T? Get<T>(Option<T> option) => Typed.GetValue(option);

    /// <summary>Keeps something until the run ends.</summary>
    public T Own<T>(T thing)
        where T : notnull
    {
        _owned.Push(thing);
        return thing;
    }

    public async ValueTask DisposeAsync()
    {
        while (_owned.TryPop(out object? thing))
        {
            if (thing is IAsyncDisposable later)
                await later.DisposeAsync().ConfigureAwait(false);
            else
                (thing as IDisposable)?.Dispose();
        }
    }
}
