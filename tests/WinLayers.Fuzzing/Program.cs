namespace WinLayers.Fuzzing;

internal static class Program
{
    private static int Main(string[] args)
    {
        FuzzOptions options;
        try
        {
            options = FuzzOptions.Parse(args);
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException)
        {
            Console.Error.WriteLine(wrong.Message);
            return 2;
        }

        if (options.List)
        {
            foreach (FuzzTarget target in options.Targets)
                Console.WriteLine(target.Name);
            return 0;
        }

        Findings findings = new(options.Output);
        using Watchdog watchdog = new(findings);
        Fuzzer fuzzer = new(options, findings, watchdog);
        if (options.Replay is { } file)
        {
            // A finding prints where it is from; without one, what the input came to.
            Console.WriteLine(fuzzer.Try(options.Targets[0], File.ReadAllBytes(file)));
        }
        else
        {
            // Said first: whatever becomes of the run, it can be repeated.
            Console.WriteLine($"--seed {options.Seed}");
            foreach (FuzzTarget target in options.Targets)
                fuzzer.Run(target);
        }

        return findings.Count == 0 ? 0 : 1;
    }
}
