namespace WinLayers.Cli.Frame;

/// <summary>What the command's exit code says. Documented in docs/commands.md.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Refused or failed; stderr has one line.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted from the keyboard: 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>Asked to end: 128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
