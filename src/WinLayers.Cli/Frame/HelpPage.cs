using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using WinLayers.Cli.Terminal;

namespace WinLayers.Cli.Frame;

/// <summary>The help page of the command or of a verb, the same at every width: its lines fit 80 columns.</summary>
internal sealed class HelpPage : SynchronousCommandLineAction
{
    private const int Width = 80;

    public override bool ClearsParseErrors => true;

    /// <summary>The option that shows it.</summary>
    public static HelpOption CreateOption() => new("--help", "-h") { Description = "Show help", Action = new HelpPage() };

    public override int Invoke(ParseResult parseResult)
    {
        using var output = new Output { Json = false, Quiet = false, Verbose = false };
        try
        {
            Write(parseResult.CommandResult, output.Text);
            output.Flush();
        }
        catch (BrokenPipeException)
        {
            // Read as far as it was wanted.
        }

        return ExitCode.Done;
    }

    /// <summary>The words that lead to a command: <c>winlayers scratch create</c>.</summary>
    public static string PathOf(SymbolResult? result)
    {
        var words = new Stack<string>();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
            if (at is CommandResult command)
                words.Push(command.Command.Name);
        return string.Join(' ', words);
    }

    private static void Write(CommandResult result, TextWriter to)
    {
        Command command = result.Command;
        string path = PathOf(result);
        foreach (string line in Wrap(command.Description ?? "", Width))
            to.WriteLine(line);
        to.WriteLine();
        to.WriteLine("Usage:");
        to.WriteLine("  " + Usage(command, path));

        if (result.Parent is null)
        {
            foreach (CommandTree.Section section in CommandTree.Sections)
                WriteRows(section.Title,
                    command.Subcommands.Where(c => section.Verbs.Contains(c.Name, StringComparer.Ordinal)).Select(Row), to,
                    widest: "grant-access".Length);
        }
        else
        {
            WriteRows("Verbs", command.Subcommands.Select(Row), to);
        }

        WriteRows("Arguments", command.Arguments.Select(a => (a.Name, a.Description ?? "")), to);
        WriteRows("Options", command.Options.Concat(Inherited(result)).DistinctBy(o => o.Name, StringComparer.Ordinal).Select(Row), to);

        if (command is Verb { Remarks: { } remarks })
        {
            to.WriteLine();
            foreach (string line in Wrap(remarks.ReplaceLineEndings(" "), Width))
                to.WriteLine(line);
        }

        IReadOnlyList<string> examples = command is Verb verb ? verb.Examples
            : command.Subcommands.OfType<Verb>().SelectMany(v => v.Examples.Take(1)).ToList();
        if (result.Parent is null)
            examples = CommandTree.Examples;
        if (examples.Count > 0)
        {
            to.WriteLine();
            to.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (string example in examples)
                to.WriteLine("  " + example);
        }
    }

    private static IEnumerable<Option> Inherited(CommandResult result)
    {
        for (SymbolResult? at = result.Parent; at is not null; at = at.Parent)
            if (at is CommandResult parent)
                foreach (Option option in parent.Command.Options.Where(o => o.Recursive))
                    yield return option;
    }

    private static string Usage(Command command, string path)
    {
        if (command.Subcommands.Count > 0)
            return path + " <verb> [options]";
        IEnumerable<string> arguments = command.Arguments.Select(a =>
        {
            string name = a.Name + (a.Arity.MaximumNumberOfValues > 1 ? "…" : "");
            return a.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
        });
        return string.Join(' ', arguments.Prepend(path).Append("[options]"));
    }

    private static (string, string) Row(Command command) => (command.Name, command.Description ?? "");

    private static (string, string) Row(Option option)
    {
        string names = string.Join(", ", option.Aliases.OrderBy(a => a.Length).Append(option.Name));
        return (option.HelpName is { } value ? $"{names} {value}" : names, option.Description ?? "");
    }

    private static void WriteRows(string title, IEnumerable<(string Name, string Text)> rows, TextWriter to, int widest = 0)
    {
        var list = rows.ToList();
        if (list.Count == 0)
            return;
        to.WriteLine();
        to.WriteLine(title + ":");
        int column = Math.Clamp(list.Max(r => r.Name.Length), widest, 24) + 4;
        foreach ((string name, string text) in list)
        {
            string first = ("  " + name).PadRight(column);
            foreach (string line in Wrap(text, Width - column))
            {
                to.WriteLine((first.Length > column ? first + "\n" + new string(' ', column) : first) + line);
                first = new string(' ', column);
            }
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width)
        {
            int at = text.LastIndexOf(' ', width);
            if (at <= 0)
                break;
            yield return text[..at];
            text = text[(at + 1)..];
        }

        yield return text;
    }
}
