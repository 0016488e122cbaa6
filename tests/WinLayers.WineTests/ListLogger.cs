using Microsoft.Extensions.Logging;

namespace WinLayers.WineTests;

/// <summary>Keeps what it is told.</summary>
internal sealed class ListLogger<T>(List<string> told) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => told.Add($"{logLevel}: {formatter(state, exception)}");
}
