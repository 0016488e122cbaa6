using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;
using WinLayers.Formats.Text;

namespace WinLayers.Cli.Terminal;

/// <summary>Where a verb writes: data to stdout, everything else to stderr.</summary>
internal sealed class Output : IDisposable
{
    private StreamWriter? _text;

    public required bool Json { get; init; }

    public required bool Quiet { get; init; }

    public required bool Verbose { get; init; }

    /// <summary>Whether a person reads stdout.</summary>
    public bool IsTerminal { get; } = !Console.IsOutputRedirected;

    /// <summary>Whether a person watches stderr and wants to see progress there.</summary>
    public bool ShowsBars => !Quiet && !Console.IsErrorRedirected && !string.Equals(
        Environment.GetEnvironmentVariable("TERM"), "dumb", StringComparison.Ordinal);

    /// <summary>Standard output as bytes.</summary>
    public StandardOutput Bytes { get; } = new();

    /// <summary>Standard output as text, buffered until the verb ends.</summary>
    public TextWriter Text =>
        _text ??= new StreamWriter(Bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 16 << 10, leaveOpen: true)
        {
            NewLine = "\n",
        };

    /// <summary>A line of data.</summary>
    public void Line(string text = "") => Text.WriteLine(text);

    /// <summary>A document, the only thing on stdout.</summary>
    public void Document<T>(T document, JsonTypeInfo<T> type)
    {
        using (var buffered = new BufferedStream(Bytes, 16 << 10))
        {
            JsonSerializer.Serialize(buffered, document, type);
            buffered.WriteByte((byte)'\n');
        }
    }

    /// <summary>
    /// A message for people. A program that asked for a document gets all that it needs there, and on stderr errors alone.
    /// </summary>
    public void Message(string text)
    {
        if (!Quiet && (!Json || Verbose))
            WriteMessage(SafeText.OneLine(text));
    }

    /// <summary>What draws on stderr at the moment, so that a message does not go into the middle of it; null for nothing.</summary>
    public IAnsiConsole? Live { get; set; }

    /// <summary>A message for people who want to know more.</summary>
    public void Detail(string text)
    {
        if (Verbose)
            Message(text);
    }

    private void WriteMessage(string text)
    {
        if (Live is { } live)
            live.WriteLine(text);
        else
            Console.Error.WriteLine(text);
    }

    public void Flush() => _text?.Flush();

    public void Dispose()
    {
        _text?.Dispose();
        Bytes.Dispose();
    }
}
