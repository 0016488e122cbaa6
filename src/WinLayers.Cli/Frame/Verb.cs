using System.CommandLine;
using System.CommandLine.Parsing;

namespace WinLayers.Cli.Frame;

/// <summary>
/// One verb of the command. A verb declares its arguments and options in its constructor, calls the library and prints; the frame
/// does the rest: errors, signals, exit codes, help.
/// </summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction((typed, _) => CommandFrame.RunVerbAsync(this, typed));
    }

    /// <summary>Command lines for the help page.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>What the help page says after the options: a paragraph.</summary>
    public string? Remarks { get; protected init; }

    /// <summary>Whether the verb prints a JSON document on request.</summary>
    public bool PrintsJson { get; private set; }

    /// <summary>Does the work and prints. Failure is an exception; the result is an exit code.</summary>
    public abstract Task<int> RunAsync(Invocation call);

    protected Argument<string> AddArgument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        Arguments.Add(argument);
        return argument;
    }

    protected Argument<string?> AddOptionalArgument(string name, string description)
    {
        var argument = new Argument<string?>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(argument);
        return argument;
    }

    protected Option<bool> AddFlag(string name, string description, params string[] aliases)
    {
        var option = new Option<bool>(name, aliases) { Description = description };
        Options.Add(option);
        return option;
    }

    protected Option<string?> AddOption(string name, string valueName, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = valueName };
        Options.Add(option);
        return option;
    }

    protected Option<string[]> AddRepeatedOption(string name, string valueName, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = valueName, Arity = ArgumentArity.OneOrMore };
        Options.Add(option);
        return option;
    }

    protected Option<int?> AddNumber(string name, string valueName, string description)
    {
        // The type's own parser would speak of System.Int32.
        var option = new Option<int?>(name)
        {
            Description = description,
            HelpName = valueName,
            CustomParser = static result =>
            {
                if (int.TryParse(result.Tokens[0].Value, out int number) && number >= 0)
                    return number;
                result.AddError($"{((OptionResult)result.Parent!).Option.Name} takes a whole number, not '{result.Tokens[0].Value}'");
                return null;
            },
        };
        Options.Add(option);
        return option;
    }

    protected void AddJson()
    {
        PrintsJson = true;
        Options.Add(CommonOptions.Json);
    }
}
