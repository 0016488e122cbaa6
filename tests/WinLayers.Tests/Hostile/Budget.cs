using System.Diagnostics;

namespace WinLayers.Tests.Hostile;

/// <summary>What a test may cost at most, in time and in memory.</summary>
internal static class Budget
{
    public static void Within(TimeSpan time, int megabytes, Action work) => WithinAsync(time, megabytes, () =>
    {
        work();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    public static async Task WithinAsync(TimeSpan time, int megabytes, Func<Task> work)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true), highest = before;
        using var watch = new Timer(_ => highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: false)), null, 0, 20);
        long start = Stopwatch.GetTimestamp();
        await work();
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        long used = (highest - before) >> 20;
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken.TotalSeconds:N2} s, {used} MB");
        Assert.InRange(taken, TimeSpan.Zero, time);
        Assert.InRange(used, long.MinValue, megabytes);
    }
}
