using System.CommandLine;
using System.Globalization;
using WinLayers.Cli.Frame;
using WinLayers.Formats;

namespace WinLayers.Cli.Options;

/// <summary>
/// <c>--limit NAME=N</c>, repeated. Only of what a layer may have more of and still be one: security descriptors, extended attributes and
/// reparse points have their limits from NTFS.
/// </summary>
internal sealed class LimitOption
{
    private static readonly Dictionary<string, Func<LayerLimits, int, LayerLimits>> Names = new(StringComparer.Ordinal)
    {
        ["entries"] = (limits, value) => limits with { Entries = value },
        ["expansion"] = (limits, value) => limits with { ExpansionRatio = value },
        ["global-bytes"] = (limits, value) => limits with { GlobalRecordBytes = value },
        ["implied-directories"] = (limits, value) => limits with { ImpliedDirectories = value },
        ["layers"] = (limits, value) => limits with { Layers = value },
        ["pax-bytes"] = (limits, value) => limits with { PaxBytes = value },
    };

    private readonly Option<string[]> _limits = new("--limit")
    {
        HelpName = "NAME=N",
        Description = "Allow what you trust more: entries, expansion (to one), global-bytes, implied-directories, layers, pax-bytes",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public LimitOption(Command verb) => verb.Options.Add(_limits);

    /// <summary>The defaults with what was named changed.</summary>
    public LayerLimits Read(Invocation call)
    {
        LayerLimits limits = LayerLimits.Default;
        foreach (string text in call.Get(_limits) ?? [])
        {
            string[] parts = text.Split('=', 2);
            if (!Names.TryGetValue(parts[0], out Func<LayerLimits, int, LayerLimits>? set))
                throw new UsageException($"--limit has no '{parts[0]}'; there are {string.Join(", ", Names.Keys)}");
            if (parts.Length < 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value == 0)
                throw new UsageException($"--limit {parts[0]} takes a number, as in {parts[0]}=20000000");
            limits = set(limits, value);
        }

        return limits;
    }
}
