using WinLayers.Cli.Terminal;

namespace WinLayers.Cli.Frame;

/// <summary>The one line on stderr that a failure has: what, where, why, the code, what to do.</summary>
internal static class ErrorLine
{
    public static string Of(Exception failure) => failure switch
    {
        WinLayersException known => Join(known.Message, known.Code, known.Remedy),
        UnauthorizedAccessException or IOException => Join(failure.Message, code: null, remedy: null),
        _ => Join(
            $"unexpected {failure.GetType().Name}: {failure.Message}", "WCL1999",
            "This is a defect: run again with --verbose and report what it prints"),
    };

    private static string Join(string message, string? code, string? remedy)
    {
        string line = Printable.OneLine(message).TrimEnd('.', ' ');
        if (code is not null)
            line += $" [{code}]";
        if (!string.IsNullOrEmpty(remedy))
            line += ". " + Printable.OneLine(char.ToUpperInvariant(remedy[0]) + remedy[1..]).TrimEnd('.', ' ') + ".";
        return line;
    }
}
