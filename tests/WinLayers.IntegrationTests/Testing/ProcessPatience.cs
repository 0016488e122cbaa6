using System.Diagnostics;
using System.Globalization;

namespace WinLayers.IntegrationTests.Testing;

/// <summary>
/// Waits for processes by what they do, not by the clock: one that takes more processor time than it should, or none at all for minutes,
/// is ended and fails the test. However busy the machine is, neither happens to one that works.
/// </summary>
internal static class ProcessPatience
{
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromMinutes(5);

    /// <summary>Waits for the process to end; gives the processor time that it took, its children included, as it was seen last.</summary>
    /// <param name="process">The process.</param>
    /// <param name="processorTime">What it may take.</param>
    /// <param name="pause">Between two looks.</param>
    public static async Task<TimeSpan> WaitForExitAsync(Process process, TimeSpan processorTime, TimeSpan? pause = null)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        TimeSpan taken = TimeSpan.Zero;
        long lastProgress = Stopwatch.GetTimestamp();
        try
        {
            Task exit = process.WaitForExitAsync(token);
            while (await Task.WhenAny(exit, Task.Delay(pause ?? TimeSpan.FromMilliseconds(250), token)) != exit)
            {
                TimeSpan now = ProcessorTimeOf(process.Id) ?? taken;
                if (now > taken)
                    lastProgress = Stopwatch.GetTimestamp();
                taken = now > taken ? now : taken;
                if (taken > processorTime)
                    throw new TimeoutException($"It took over {processorTime.TotalSeconds:N0} s of the processor: {Describe(process)}");
                if (Stopwatch.GetElapsedTime(lastProgress) > LongestStandstill)
                    throw new TimeoutException($"It did nothing for {LongestStandstill.TotalMinutes:N0} minutes: {Describe(process)}");
            }

            await exit;
            return taken;
        }
        catch
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>The processor time of a process and of what it started; null where it has ended.</summary>
    public static TimeSpan? ProcessorTimeOf(int id)
    {
        if (!OperatingSystem.IsLinux())
            return OfOne(id);
        Dictionary<int, (int Parent, long Ticks)> all = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            bool isProcess = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int one);
            if (isProcess && ReadStat(folder) is { } stat)
                all[one] = stat;
        }

        if (!all.ContainsKey(id))
            return null;
        long ticks = 0;
        Stack<int> ahead = new([id]);
        while (ahead.TryPop(out int next))
        {
            ticks += all[next].Ticks;
            foreach ((int child, (int parent, _)) in all)
            {
                if (parent == next)
                    ahead.Push(child);
            }
        }

        const int ticksPerSecond = 100; // USER_HZ, the same on every architecture that .NET runs on
        return TimeSpan.FromSeconds((double)ticks / ticksPerSecond);
    }

    // "pid (name) state ppid …": fields 14 to 17 are the time of the process itself and of the children that it has waited for.
    private static (int Parent, long Ticks)? ReadStat(string folder)
    {
        try
        {
            string text = File.ReadAllText(Path.Combine(folder, "stat"));
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            long ticks = fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), ticks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // It has ended meanwhile.
        }
    }

    private static TimeSpan? OfOne(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Describe(Process process) => $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}";
}
