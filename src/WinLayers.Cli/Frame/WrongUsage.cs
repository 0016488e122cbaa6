using System.CommandLine;
using System.CommandLine.Parsing;

namespace WinLayers.Cli.Frame;

/// <summary>Finds what is wrong with a command line, and blames the word that is: an option that no verb has is no image's name.</summary>
internal static class WrongUsage
{
    private const string Code = "WCL1910";

    /// <summary>What is wrong; null where nothing is.</summary>
    public static string? Find(ParseResult typed, string[] args)
    {
        Command command = typed.CommandResult.Command;
        if (typed.CommandResult.Command is not Verb && typed.UnmatchedTokens.FirstOrDefault(word => !word.StartsWith('-')) is { } noVerb)
            return $"there is no verb '{noVerb}'{Suggest(noVerb, command.Subcommands.Select(verb => verb.Name))}";
        if (FindOption(typed, args) is { } option)
            return option;
        if (typed.Action is HelpPage)
            return null;
        if (command is not Verb)
            return "a verb is missing";
        return typed.Errors is [var error, ..] ? Explain(error, typed) : null;
    }

    /// <summary>Tells it, and what leads to the help.</summary>
    public static int Refuse(string message, ParseResult typed, bool json)
    {
        new ErrorReport(Code, message, $"See '{HelpPage.PathOf(typed.CommandResult)} --help'").WriteTo(Console.Error, json);
        return ExitCode.Usage;
    }

    // What looks like an option and is none was taken for an argument, or for one argument too many.
    private static string? FindOption(ParseResult typed, string[] args)
    {
        int end = Array.IndexOf(args, "--");
        HashSet<string> plain = end < 0 ? [] : [.. args[(end + 1)..]];
        IEnumerable<string> words = typed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Select(token => token.Value).Concat(typed.UnmatchedTokens);
        Option[] options = [.. OptionsOf(typed)];
        string[] names = [.. options.SelectMany(option => option.Aliases.Append(option.Name))];
        if (FindLetter(end < 0 ? args : args[..end], options, names) is { } letter)
            return letter;
        if (words.FirstOrDefault(word => word.Length > 1 && word[0] == '-' && !plain.Contains(word)) is not { } wrong)
            return null;
        string name = wrong.Split('=', ':')[0];
        return $"there is no option '{name}'{Suggest(name, names)}";
    }

    // Of letters behind one dash the parser takes those that it knows, and what is left over for an argument.
    private static string? FindLetter(string[] args, Option[] options, string[] names)
    {
        for (int i = 0; i < args.Length; i++)
        {
            bool isValue = i > 0 && options.Any(option => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool)
                && (option.Name == args[i - 1] || option.Aliases.Contains(args[i - 1])));
            bool isCluster = args[i].Length > 2 && args[i][0] == '-' && args[i][1..].All(char.IsAsciiLetter);
            if (isCluster && !isValue && args[i][1..].FirstOrDefault(letter => !names.Contains($"-{letter}")) is var wrong and not '\0')
                return $"there is no option '-{wrong}' (in '{args[i]}')";
        }

        return null;
    }

    // The parser names its own parts; the words are the user's.
    private static string Explain(ParseError error, ParseResult typed) =>
        error.SymbolResult is ArgumentResult { Argument: { } argument, Tokens.Count: 0, Parent: CommandResult }
            ? $"{argument.Name} is missing"
            : typed.UnmatchedTokens is [var word, ..] ? $"'{word}' is one word too many" : error.Message;

    private static IEnumerable<Option> OptionsOf(ParseResult typed)
    {
        for (SymbolResult? at = typed.CommandResult; at is not null; at = at.Parent)
            if (at is CommandResult { Command: { } command })
                foreach (Option option in command.Options.Where(option => command == typed.CommandResult.Command || option.Recursive))
                    yield return option;
    }

    private static string Suggest(string word, IEnumerable<string> known)
    {
        string[] near = [.. known.Where(other => other.Length > 2).Select(other => (Name: other, Distance: Distance(word, other)))
            .Where(other => other.Distance <= Math.Max(1, Math.Min(word.Length, other.Name.Length) / 3)
                || (word.Length > 3 && other.Name.StartsWith(word, StringComparison.Ordinal)))
            .OrderBy(other => other.Distance).Select(other => $"'{other.Name}'").Take(2)];
        return near.Length == 0 ? "" : $"; did you mean {string.Join(" or ", near)}?";
    }

    // Letters to change, add, remove or swap with their neighbour.
    private static int Distance(string one, string other)
    {
        int[,] cost = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            for (int k = 0; k <= other.Length; k++)
            {
                if (i == 0 || k == 0)
                {
                    cost[i, k] = i + k;
                    continue;
                }

                bool isSame = one[i - 1] == other[k - 1];
                cost[i, k] = Math.Min(Math.Min(cost[i - 1, k], cost[i, k - 1]) + 1, cost[i - 1, k - 1] + (isSame ? 0 : 1));
                if (i > 1 && k > 1 && one[i - 1] == other[k - 2] && one[i - 2] == other[k - 1])
                    cost[i, k] = Math.Min(cost[i, k], cost[i - 2, k - 2] + 1);
            }
        }

        return cost[one.Length, other.Length];
    }
}
