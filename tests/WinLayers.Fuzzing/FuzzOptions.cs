using System.Globalization;

namespace WinLayers.Fuzzing;

/// <summary>What the command line asks for.</summary>
internal sealed record FuzzOptions
{
    public IReadOnlyList<FuzzTarget> Targets { get; init; } = FuzzTargets.All;

    public long Inputs { get; init; } = 100_000;

    public TimeSpan Time { get; init; } = TimeSpan.MaxValue;

    public int Seed { get; init; } = 1;

    public string Output { get; init; } = Path.Combine("artifacts", "fuzzing");

    public string? Replay { get; init; }

    public bool Trace { get; init; }

    public bool List { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">The arguments make no sense.</exception>
    public static FuzzOptions Parse(string[] args)
    {
        FuzzOptions options = new();
        List<FuzzTarget> targets = [];
        bool hasInputs = false;
        for (int i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new FormatException($"{args[^1]} wants a value");
            switch (args[i])
            {
                case "--target":
                    string name = Value();
                    targets.Add(FuzzTargets.All.FirstOrDefault(target => target.Name == name)
                        ?? throw new FormatException($"there is no target '{name}'; see --list"));
                    break;
                case "--inputs":
                    options = options with { Inputs = long.Parse(Value(), NumberStyles.None, CultureInfo.InvariantCulture) };
                    hasInputs = true;
                    break;
                case "--seconds":
                    options = options with
                    {
                        Time =
                        TimeSpan.FromSeconds(int.Parse(Value(), NumberStyles.None, CultureInfo.InvariantCulture))
                    };
                    break;
                case "--seed":
                    options = options with { Seed = int.Parse(Value(), NumberStyles.None, CultureInfo.InvariantCulture) };
                    break;
                case "--out":
                    options = options with { Output = Value() };
                    break;
                case "--replay":
                    options = options with { Replay = Value() };
                    break;
                case "--trace":
                    options = options with { Trace = true };
                    break;
                case "--list":
                    options = options with { List = true };
                    break;
                default:
                    throw new FormatException(
                        $"'{args[i]}' is no option; there are --target, --inputs, --seconds, --seed, --out, --replay, --trace and --list");
            }
        }

        if (options.Replay is not null && targets.Count != 1)
            throw new FormatException("--replay wants exactly one --target");
        // A time alone is what bounds the run.
        if (options.Time != TimeSpan.MaxValue && !hasInputs)
            options = options with { Inputs = long.MaxValue };
        return targets.Count == 0 ? options : options with { Targets = targets };
    }
}
