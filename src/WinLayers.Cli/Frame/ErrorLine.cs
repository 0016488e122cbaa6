using WinLayers.Formats;
using WinLayers.Formats.Text;
using WinLayers.Oci.Disk;

namespace WinLayers.Cli.Frame;

/// <summary>The one line on stderr that a failure has: what, where, why, the code, what to do.</summary>
internal static class ErrorLine
{
    /// <summary>The line.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="doubt">How a name was understood that a registry may not know; null where that is plain.</param>
    public static string Of(Exception failure, string? doubt = null) => failure switch
    {
        WinLayersException { Code: ['W', 'C', 'L', '4', ..] } refused when doubt is not null =>
            Join(refused.Message, refused.Code, Remedies.Of(refused) is { } remedy ? $"{remedy.TrimEnd('.')}. {doubt}" : doubt),
        WinLayersException known => Join(known.Message, known.Code, Remedies.Of(known)),
        UnauthorizedAccessException or IOException => Of(DiskException.From(failure)),
        _ => Join(
            $"unexpected {failure.GetType().Name}: {failure.Message}", "WCL1999",
            "This is a defect: run again with --verbose and report what it prints"),
    };

    private static string Join(string message, string code, string? remedy)
    {
        string line = $"{SafeText.OneLine(message).TrimEnd('.', ' ')} [{code}]";
        if (!string.IsNullOrEmpty(remedy))
            line += ". " + SafeText.OneLine(char.ToUpperInvariant(remedy[0]) + remedy[1..]).TrimEnd('.', ' ') + ".";
        return line;
    }
}
