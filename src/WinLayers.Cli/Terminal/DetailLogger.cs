using Microsoft.Extensions.Logging;

namespace WinLayers.Cli.Terminal;

/// <summary>
/// Shows what the library logs: its warnings to everyone who is not <c>--quiet</c>, the rest to those who asked for more with
/// <c>--verbose</c>.
/// </summary>
internal sealed class DetailLogger<T>(Output output) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning || (output.Verbose && logLevel >= LogLevel.Debug);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            output.Message(formatter(state, exception));
    }
}
