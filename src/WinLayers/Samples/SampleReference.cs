using System.Globalization;
using WinLayers.Oci.References;

namespace WinLayers.Samples;

/// <summary>A made-up image, the same for everyone, to try things with.</summary>
public sealed record SampleReference : ImageReference
{
    internal const string Prefix = "sample:";

    /// <summary>The small sample's name.</summary>
    public const string Default = "default";

    /// <summary>The name of the sample whose size can be chosen.</summary>
    public const string Large = "large";

    private SampleReference(string name, int? entries, long? bytes)
    {
        Name = name;
        Entries = entries;
        Bytes = bytes;
    }

    /// <summary><see cref="Default"/> or <see cref="Large"/>.</summary>
    public string Name { get; }

    /// <summary>About how many entries the base layer of the large sample has.</summary>
    public int? Entries { get; }

    /// <summary>About how many bytes the files of the large sample's base layer hold.</summary>
    public long? Bytes { get; }

    /// <summary>
    /// About how many entries and bytes of files making it takes; null for the small one, which takes nothing to speak of.
    /// </summary>
    public (int Entries, long Bytes)? Cost =>
        Name == Large ? (Entries ?? SampleLayers.LargeEntries, Bytes ?? SampleLayers.LargeBytes) : null;

    /// <summary>Reads a reference as <see cref="ImageReference.ToString"/> writes it.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    public static SampleReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ReadPrefixed(text, Prefix, isBareAllowed: false, Read, out string? problem) ?? throw Malformed(text, problem);
    }

    /// <inheritdoc/>
    protected override string Format()
    {
        List<string> query = [];
        if (Entries is { } entries)
            query.Add($"entries={entries}");
        if (Bytes is { } bytes)
            query.Add($"bytes={bytes}");
        return query.Count == 0 ? $"{Prefix}{Name}" : $"{Prefix}{Name}?{string.Join('&', query)}";
    }

    internal static SampleReference? Read(string text, out string? problem)
    {
        int mark = text.IndexOf('?', StringComparison.Ordinal);
        string name = mark < 0 ? text : text[..mark];
        if (name.Length == 0)
            name = Default;
        if (name is not (Default or Large))
        {
            problem = $"there are the samples '{Default}' and '{Large}'";
            return null;
        }

        int? entries = null;
        long? bytes = null;
        string query = mark < 0 ? "" : text[(mark + 1)..];
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            bool isNumber = long.TryParse(pair.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number);
            switch (equals < 0 ? pair : pair[..equals])
            {
                case "entries" when isNumber && number is >= 100 and <= 10_000_000:
                    entries = (int)number;
                    break;
                case "bytes" when isNumber && number is >= 0 and <= 1L << 40:
                    bytes = number;
                    break;
                default:
                    problem = "a sample takes entries=<100 to 10000000> and bytes=<up to 1 TiB>";
                    return null;
            }
        }

        if (name == Default && (entries ?? bytes) is not null)
        {
            problem = $"the size of the sample '{Default}' is fixed; sample:{Large} takes entries and bytes";
            return null;
        }

        problem = null;
        return new SampleReference(name, entries, bytes);
    }
}
