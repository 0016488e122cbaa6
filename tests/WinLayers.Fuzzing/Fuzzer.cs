using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using WinLayers.Formats;

namespace WinLayers.Fuzzing;

/// <summary>The loop: make an input, read it, keep what is new.</summary>
internal sealed class Fuzzer(FuzzOptions options, Findings findings, Watchdog watchdog)
{
    private const long LargestAllocation = 64 << 20;
    private const int LargestPool = 512;

    public void Run(FuzzTarget target)
    {
        Mutator mutator = new(options.Seed, target.Words);
        List<byte[]> pool = [.. target.Seeds];
        HashSet<string> outcomes = [];
        foreach (byte[] seed in target.Seeds)
        {
            string outcome = Try(target, seed);
            outcomes.Add(outcome);
            if (outcome != Outcome.Accepted)
                throw new InvalidOperationException($"a seed of {target.Name} is not accepted: {outcome}");
        }

        long started = Stopwatch.GetTimestamp();
        long inputs = 0, accepted = 0;
        while (inputs < options.Inputs && ((inputs & 0xFF) != 0 || Stopwatch.GetElapsedTime(started) < options.Time))
        {
            byte[] input = mutator.Make(pool);
            string outcome = Try(target, input);
            inputs++;
            bool isAccepted = outcome == Outcome.Accepted;
            accepted += isAccepted ? 1 : 0;
            // Refused for a new reason: near the edge of the format. Accepted: deeper in it.
            if (input.Length <= 4096 && (outcomes.Add(outcome) || (isAccepted && mutator.Next(8) == 0)))
                Keep(pool, input, target.Seeds.Count, mutator);
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(
            $"{target.Name}: {inputs:N0} inputs in {seconds:N1} s ({inputs / seconds:N0}/s), " +
                $"{accepted:N0} accepted, {outcomes.Count} outcomes");
    }

    /// <summary>Reads one input and returns what came of it, in a few words.</summary>
    public string Try(FuzzTarget target, byte[] input)
    {
        if (options.Trace)
            findings.Trace(target, input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string outcome;
        watchdog.Start(target, input);
        try
        {
            target.Run(input);
            outcome = Outcome.Accepted;
        }
        catch (WinLayersException refused)
        {
            outcome = Outcome.Of(refused);
        }
        catch (FormatException refused)
        {
            outcome = Outcome.Of(refused);
        }
        catch (Exception failure)
        {
            // Anything else is what fuzzing is for, whatever its type.
            outcome = Outcome.Of(failure);
            findings.Add(target, input, $"{failure.GetType().Name} {failure.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}",
                failure.ToString());
        }

        watchdog.Stop();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > LargestAllocation)
            findings.Add(target, input, "allocation", $"{input.Length} bytes of input made {allocated} bytes of allocations");
        return outcome;
    }

    private static void Keep(List<byte[]> pool, byte[] input, int seeds, Mutator mutator)
    {
        if (pool.Count < LargestPool)
            pool.Add(input);
        else
            pool[seeds + mutator.Next(pool.Count - seeds)] = input;
    }
}

/// <summary>What came of an input.</summary>
internal static class Outcome
{
    public const string Accepted = "accepted";

    private const int LongestReason = 10;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'-");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>
    /// What the reasons say up to their first quoted or computed part, so that it stands for all like it, whatever the input was.
    /// </summary>
    public static string Of(Exception exception)
    {
        var outcome = new StringBuilder();
        for (Exception? reason = exception; reason is not null; reason = reason.InnerException)
        {
            outcome.Append(outcome.Length == 0 ? "" : " <- ").Append(reason.GetType().Name);
            // A refusal's message starts with the entry's name; what sets it apart is the rule and the detail.
            if (reason is LayerRefusedException refused)
                outcome.Append(' ').Append(refused.Rule.Name);
            // The framework's parser quotes what it likes, and is not what is tried here.
            if (reason is JsonException || reason.InnerException is JsonException)
                continue;
            AppendWords(outcome, reason is LayerRefusedException { Detail: var detail } ? detail : reason.Message);
        }

        return outcome.ToString();
    }

    private static void AppendWords(StringBuilder outcome, string text)
    {
        ReadOnlySpan<char> line = text;
        int count = 0;
        foreach (Range word in line.Split(' '))
        {
            ReadOnlySpan<char> part = line[word].TrimEnd(".,:;");
            // Hexadecimal digits come from the input; the few words that look like them are no loss.
            bool isWord = part.Length > 0 && part[0] != '\'' && !part.ContainsAnyExcept(Letters)
                && (part.Length == 1 || part.ContainsAnyExcept(HexDigits));
            if (!isWord || ++count > LongestReason)
                return;
            outcome.Append(' ').Append(part);
        }
    }
}
