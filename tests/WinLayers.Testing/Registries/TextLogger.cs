using System.Text;
using Microsoft.Extensions.Logging;
using WinLayers.Oci.Registries.Client;

namespace WinLayers.Testing.Registries;

/// <summary>Keeps everything that is logged.</summary>
internal sealed class TextLogger : ILogger<RegistryClient>
{
    public StringBuilder Text { get; } = new();

    public IReadOnlyList<string> Lines => Text.ToString().Split('\n');

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Text.Append(state).AppendLine();
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Text.Append(formatter(state, exception)).Append(exception).AppendLine();
}
