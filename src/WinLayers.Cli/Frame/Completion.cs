using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;
using WinLayers.Cli.Inputs;
using WinLayers.Formats.Text;

namespace WinLayers.Cli.Frame;

/// <summary>
/// Answers the scripts of <c>winlayers completion</c>: <c>winlayers complete POSITION LINE</c>. What begins with the word that is being typed
/// is offered: verbs and options, images, files.
/// </summary>
internal static class Completion
{
    public static async Task<int> PrintAsync(Command root, string position, string line)
    {
        if (!int.TryParse(position, CultureInfo.InvariantCulture, out int cursor))
            return ExitCode.Usage;
        string typed = line[..Math.Clamp(cursor, 0, line.Length)];
        List<string> words = [.. CommandLineParser.SplitCommandLine(typed)];
        string word = typed.Length > 0 && !char.IsWhiteSpace(typed[^1]) && words.Count > 1 ? words[^1] : "";
        if (word.Length > 0)
            words.RemoveAt(words.Count - 1);
        foreach (string answer in (await AnswersAsync(root, words, word).ConfigureAwait(false)).Distinct(StringComparer.Ordinal))
        {
            if (answer.StartsWith(word, StringComparison.Ordinal) && SafeText.Of(answer) == answer)
                Console.Out.WriteLine(answer);
        }

        return ExitCode.Done;
    }

    private static async Task<IEnumerable<string>> AnswersAsync(Command root, List<string> words, string word)
    {
        ParseResult before = root.Parse([.. words.Skip(1)], new ParserConfiguration { ResponseFileTokenReplacer = null });
        Command command = before.CommandResult.Command;
        IEnumerable<Option> options = command.Options.Concat(root.Options.Where(option => option.Recursive));
        if (words.Count > 1 && options.FirstOrDefault(option => option.Name == words[^1] || option.Aliases.Contains(words[^1])) is { } option
            && option.Arity.MinimumNumberOfValues > 0)
            return ValuesOf(option, word);
        if (word.StartsWith('-'))
            return options.Select(known => known.Name).Order(StringComparer.Ordinal);
        if (command.Subcommands.Count > 0)
            return command.Subcommands.Select(verb => verb.Name).Order(StringComparer.Ordinal);
        int given = before.CommandResult.Children.OfType<ArgumentResult>().Sum(argument => argument.Tokens.Count);
        return command.Arguments.ElementAtOrDefault(given) is not { } argument ? []
            : command.Name == "help" ? root.Subcommands.Select(verb => verb.Name)
            : await ValuesOfAsync(argument, word).ConfigureAwait(false);
    }

    private static IEnumerable<string> ValuesOf(Option option, string word) =>
        option.HelpName is "DIR" or "FILE" ? CompletionFiles.StartingWith(word)
            : option.GetCompletions(CompletionContext.Empty).Select(item => item.Label);

    private static async Task<IEnumerable<string>> ValuesOfAsync(Argument argument, string word)
    {
        string[] kinds = argument.Name.Split('|', '.');
        List<string> answers = [.. argument.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];
        if (kinds.Any(kind => kind is "REF" or "SRC" or "DST"))
            answers.AddRange(await ImageCompletions.StartingWithAsync(word, isTarget: kinds.Contains("DST")).ConfigureAwait(false));
        if (kinds.Any(kind => kind is "DIR" or "LAYER" or "DEST" or "OUT"))
            answers.AddRange(CompletionFiles.StartingWith(word));
        return answers;
    }
}
