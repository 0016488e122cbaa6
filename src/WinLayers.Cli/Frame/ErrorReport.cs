using System.Text.Json;
using System.Text.Json.Serialization;
using WinLayers.Formats;
using WinLayers.Formats.Text;
using WinLayers.Oci.Disk;

namespace WinLayers.Cli.Frame;

/// <summary>What a failure has to say: what, where and why, its code, what to do. One line on stderr, or with <c>--json</c> one object.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Message">What, where, why.</param>
/// <param name="Remedy">What to do; null where nothing is known.</param>
internal sealed record ErrorReport(string Code, string Message, string? Remedy = null)
{
    /// <summary>Reads a failure.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="more">What else is known of the run that failed; null where nothing is.</param>
    public static ErrorReport Of(Exception failure, string? more = null) => failure switch
    {
        WinLayersException known => new ErrorReport(known.Code, known.Message, Join(Remedies.Of(known), more)),
        UnauthorizedAccessException or IOException => Of(DiskException.From(failure)),
        _ => new ErrorReport("WCL1999", $"unexpected {failure.GetType().Name}: {failure.Message}",
            "This is a defect: run again with --verbose and report what it prints"),
    };

    /// <summary>Writes it where errors go.</summary>
    public void WriteTo(TextWriter writer, bool json) => writer.WriteLine(json ? Json() : $"winlayers: {Line()}");

    /// <summary>The text that follows the command's name.</summary>
    public string Line()
    {
        string line = $"{SafeText.OneLine(Message).TrimEnd('.', ' ')} [{Code}]";
        if (!string.IsNullOrEmpty(Remedy))
            line += ". " + SafeText.OneLine(char.ToUpperInvariant(Remedy[0]) + Remedy[1..]).TrimEnd('.', ' ') + ".";
        return line;
    }

    private string Json() => JsonSerializer.Serialize(new Document(this), ErrorJson.Default.Document);

    private static string? Join(string? remedy, string? more) => (remedy, more) switch
    {
        (null, _) => more,
        (_, null) => remedy,
        _ => $"{remedy.TrimEnd('.')}. {more}",
    };

    internal sealed record Document(ErrorReport Error);
}

/// <summary>How errors are written with <c>--json</c>: in one line, as a log has them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorReport.Document))]
internal sealed partial class ErrorJson : JsonSerializerContext;
