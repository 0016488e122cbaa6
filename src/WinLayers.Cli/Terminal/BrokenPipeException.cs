namespace WinLayers.Cli.Terminal;

/// <summary>Whoever read our output has stopped, as <c>head</c> does: the end of the work, and no failure.</summary>
internal sealed class BrokenPipeException() : Exception("The reader of the output has gone.");
