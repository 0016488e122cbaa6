using System.CommandLine;
using System.Reflection;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;

namespace WinLayers.Cli.Frame;

/// <summary>What every verb has in common: parsing, help, signals, one line per error, exit codes.</summary>
internal static class CommandFrame
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (!OpenFiles.AreEnough())
        {
            Console.Error.WriteLine(
                $"winlayers: fewer than {OpenFiles.Needed} files can be opened [WCL5026]. Let this " +
                    "process have more, with 'ulimit -n 1024'.");
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
            return await Completion.PrintAsync(root, position, line).ConfigureAwait(false);
        if (args is [] or ["help"])
            args = ["--help"];
        else if (args is ["help", ..] and not ["help", "--help" or "-h"])
            args = [.. args[1..], "--help"];

        // A response file would be read for '@', which is part of references and digests.
        ParseResult typed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (WrongUsage.Find(typed, args) is { } wrong)
            return WrongUsage.Refuse(wrong, typed, args.Contains("--json", StringComparer.Ordinal));

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
        using var output = new Output
        {
            Json = verb.PrintsJson && typed.GetValue(CommonOptions.Json),
            Quiet = typed.GetValue(CommonOptions.Quiet),
            Verbose = typed.GetValue(CommonOptions.Verbose),
        };
        using var interruption = new Interruption(() => output.Message("winlayers: cleaning up; once more ends at once"));
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
            return WrongUsage.Refuse(usage.Message, typed, output.Json);
        }
        catch (Exception failure) when (interruption.Token.IsCancellationRequested && IsCancellation(failure))
        {
            new ErrorReport("WCL1912", "interrupted").WriteTo(Console.Error, output.Json);
            return interruption.ExitCode;
        }
        catch (Exception failure)
        {
            ErrorReport.Of(failure, await FailureHints.OfAsync(failure, call).ConfigureAwait(false)).WriteTo(Console.Error, output.Json);
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
}
