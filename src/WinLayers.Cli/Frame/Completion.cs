using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using WinLayers.Formats.Text;

namespace WinLayers.Cli.Frame;

/// <summary>Answers the scripts of <c>winlayers completion</c>: <c>winlayers complete POSITION LINE</c>.</summary>
internal static class Completion
{
    public static int Print(Command root, string position, string line)
    {
        if (!int.TryParse(position, CultureInfo.InvariantCulture, out int cursor))
            return ExitCode.Usage;
        cursor = Math.Clamp(cursor, 0, line.Length);
        foreach (CompletionItem item in root.Parse(line).GetCompletions(cursor))
            Console.Out.WriteLine(SafeText.Of(item.Label));
        return ExitCode.Done;
    }
}
