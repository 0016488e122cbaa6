using System.CommandLine;

namespace WinLayers.Cli.Frame;

/// <summary>Options that mean the same wherever they stand.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document on stdout instead of text" };

    public static Option<bool> Quiet { get; } =
        new("--quiet", "-q") { Description = "No progress and no messages; errors stay", Recursive = true };

    public static Option<bool> Verbose { get; } =
        new("--verbose", "-v") { Description = "More messages; the whole stack with an error", Recursive = true };
}
