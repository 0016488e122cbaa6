namespace WinLayers.Tests.Hostile;

/// <summary>
/// What a test may cost at most: in time of the processor, which other programs do not take part in, and in memory that it holds, which
/// is what a collection
/// leaves, not what waits for one.
/// </summary>
internal static class Budget
{
    public static void Within(TimeSpan time, int megabytes, Action work) => WithinAsync(time, megabytes, () =>
    {
        work();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    public static async Task WithinAsync(TimeSpan time, int megabytes, Func<Task> work)
    {
        // The heap's size counts gaps too: it is compared with itself, not with the memory in use, or other tests' gaps are taken for
        // this one's.
        long total = GC.GetTotalMemory(forceFullCollection: true), inUse = total;
        long before = GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes, highest = before;
        using var watch = new Timer(
            _ =>
            {
                highest = Math.Max(highest, GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes);
                total = Math.Max(total, GC.GetTotalMemory(forceFullCollection: false));
            },
            null, 0, 10);
        TimeSpan start = Environment.CpuUsage.TotalTime;
        await work();
        TimeSpan taken = Environment.CpuUsage.TotalTime - start;
        long used = (highest - before) >> 20;
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken.TotalSeconds:N2} s, {used} MB of {(total - inUse) >> 20}");
        Assert.InRange(taken, TimeSpan.Zero, time);
        Assert.InRange(used, long.MinValue, megabytes);
    }
}
