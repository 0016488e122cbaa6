using System.CommandLine;
using System.Reflection;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;
using WinLayers.Formats.Text;

namespace WinLayers.Cli.Frame;

/// <summary>What every verb has in common: parsing, help, signals, one line per error, exit codes.</summary>
internal static class CommandFrame
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (!OpenFiles.AreEnough())
        {
            Console.Error.WriteLine(
                $"winlayers: fewer than {OpenFiles.Needed} files can be opened [WCL5026]. Let this process have more, with 'ulimit -n 1024'.");
            return ExitCode.Failed;
        }

        // Asked for often by scripts, and answered before a single verb is built.
        if (args is ["--version"])
        {
            Console.Out.WriteLine($"winlayers {Version}");
            return ExitCode.Done;
        }

        Command root = CommandTree.Create();
        if (args is ["complete", string position, string line])
            return Completion.Print(root, position, line);
        if (args is [] or ["help"])
            args = ["--help"];

        ParseResult typed = root.Parse(args);
        if (typed.Action is not HelpPage)
        {
            if (typed.CommandResult.Command is not Verb)
                return Refuse(typed.UnmatchedTokens is [var word, ..] ? $"there is no verb '{word}'" : "a verb is missing", typed);
            if (typed.Errors is [var error, ..])
                return Refuse(error.Message, typed);
        }

        // Signals and exceptions are handled in RunVerbAsync.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await typed.InvokeAsync(configuration).ConfigureAwait(false);
    }

    /// <summary>The version without the build's commit.</summary>
    public static string Version { get; } =
        typeof(CommandFrame).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "?";

    public static async Task<int> RunVerbAsync(Verb verb, ParseResult typed)
    {
        using var interruption = new Interruption();
        using var output = new Output
        {
            Json = verb.PrintsJson && typed.GetValue(CommonOptions.Json),
            Quiet = typed.GetValue(CommonOptions.Quiet),
            Verbose = typed.GetValue(CommonOptions.Verbose),
        };
        var call = new Invocation(typed, output, interruption.Token);
        try
        {
            await using (call.ConfigureAwait(false))
            {
                int exitCode = await verb.RunAsync(call).ConfigureAwait(false);
                output.Flush();
                return exitCode;
            }
        }
        catch (BrokenPipeException)
        {
            return ExitCode.Done;
        }
        catch (UsageException usage)
        {
            return Refuse(usage.Message, typed);
        }
        catch (Exception failure) when (interruption.Token.IsCancellationRequested && IsCancellation(failure))
        {
            Console.Error.WriteLine("winlayers: interrupted");
            return interruption.ExitCode;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine("winlayers: " + ErrorLine.Of(failure, call.Doubt));
            if (output.Verbose)
                Console.Error.WriteLine(failure);
            return IsWrongUsage(failure) ? ExitCode.Usage : ExitCode.Failed;
        }
    }

    // What was typed is no reference, no platform, no usable option: nothing was tried.
    private static bool IsWrongUsage(Exception failure) =>
        failure is WinLayersException { Code: ['W', 'C', 'L', '1', '0', ..] or "WCL4009" or "WCL7011" };

    private static bool IsCancellation(Exception failure) =>
        failure is OperationCanceledException ||
        (failure is AggregateException several && several.Flatten().InnerExceptions.All(IsCancellation));

    private static int Refuse(string message, ParseResult typed)
    {
        string path = HelpPage.PathOf(typed.CommandResult);
        Console.Error.WriteLine($"winlayers: {SafeText.OneLine(message).TrimEnd('.')}. See '{path} --help'.");
        return ExitCode.Usage;
    }
}
