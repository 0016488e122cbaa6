using System.CommandLine;
using System.Globalization;

namespace WinLayers.Cli.Options;

/// <summary>An option that takes a size: <c>20GB</c>, <c>512MB</c>, a bare number of bytes.</summary>
internal static class SizeOption
{
    private static readonly (string Suffix, long Factor)[] Units =
    [
        ("TB", 1L << 40), ("GB", 1L << 30), ("MB", 1L << 20), ("KB", 1L << 10), ("B", 1),
    ];

    public static Option<long?> Create(string name, string description) => new(name)
    {
        HelpName = "SIZE",
        Description = description,
        CustomParser = result =>
        {
            if (Parse(result.Tokens[0].Value) is { } size)
                return size;
            result.AddError($"{name} takes a size such as 40GB, not '{result.Tokens[0].Value}'");
            return null;
        },
    };

    private static long? Parse(string text)
    {
        string number = text;
        long factor = 1;
        foreach ((string suffix, long unit) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                continue;
            number = text[..^suffix.Length];
            factor = unit;
            break;
        }

        bool isSize = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count > 0
            && count <= long.MaxValue / factor;
        return isSize ? count * factor : null;
    }
}
