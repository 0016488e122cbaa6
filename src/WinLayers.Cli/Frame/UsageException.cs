namespace WinLayers.Cli.Frame;

/// <summary>The command line parses but makes no sense: exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
