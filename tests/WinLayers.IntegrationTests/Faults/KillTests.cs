using System.Diagnostics;
using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Faults;

/// <summary>The command is stopped at any moment: the store is whole, and the next run finishes the work.</summary>
public sealed class KillTests : IDisposable
{
    private const string Image = "sample:large?entries=400&bytes=3000000";
    private const int Kills = 100;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KilledAtAHundredMoments_TheStoreIsWhole_AndTheNextUnpackCompletes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix has them.");
        TimeSpan whole = await TimeOfAWholeRunAsync();
        var random = new Random(20260807);
        TimeSpan[] moments = [.. Enumerable.Range(0, Kills).Select(i => whole * (0.15 + (0.85 * (i + random.NextDouble()) / Kills)))];
        int killed = 0;

        // Two at a time, each in a store of its own: the machine is busy either way.
        await Parallel.ForEachAsync(moments, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken }, async (moment, token) =>
        {
            string store = _folder[Guid.NewGuid().ToString("N")];
            using (RunningCommand run = FaultedStore.Start(store, "unpack", Image, "--quiet"))
            {
                await Task.Delay(moment, token);
                if (!run.Process.HasExited && FaultedStore.Kill(run.Process.Id, signal: 9) == 0)
                    Interlocked.Increment(ref killed);
                await run.FinishAsync();
            }

            if (Directory.Exists(store))
                await FaultedStore.AssertCleanAsync(store);
            await FaultedStore.AssertCompletesAsync(store, Image);
            Directory.Delete(store, recursive: true);
        });

        Assert.InRange(killed, Kills / 2, Kills);
    }

    [Fact]
    public async Task InterruptedAtAnyMoment_ItStopsWithinASecond_AndCleansUp()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix has them.");
        TimeSpan slowest = TimeSpan.Zero;
        foreach (int milliseconds in new[] { 300, 500, 700, 900, 1200 })
        {
            string store = _folder[$"interrupted-{milliseconds}"];
            using RunningCommand run = FaultedStore.Start(store, "unpack", "sample:large?entries=200000&bytes=4000000000", "--quiet");
            await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
            long start = Stopwatch.GetTimestamp();
            Assert.Equal(0, FaultedStore.Kill(run.Process.Id, signal: 2));
            CommandResult result = await run.FinishAsync();
            TimeSpan taken = Stopwatch.GetElapsedTime(start);
            slowest = taken > slowest ? taken : slowest;

            Assert.Equal(130, result.ExitCode);
            FaultedStore.AssertNothingHalfMade(store);
            if (Directory.Exists(store))
            {
                await FaultedStore.AssertCleanAsync(store);
                Directory.Delete(store, recursive: true);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"slowest: {slowest.TotalMilliseconds:N0} ms");
        // A second is the promise; a machine on which other tests run gets some more.
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    // Warm, so that the moments are spread over the work and not over loading the program.
    private async Task<TimeSpan> TimeOfAWholeRunAsync()
    {
        TimeSpan shortest = TimeSpan.MaxValue;
        for (int i = 0; i < 2; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using RunningCommand run = FaultedStore.Start(_folder[$"whole-{i}"], "unpack", Image, "--quiet");
            (await run.FinishAsync()).ShouldSucceed();
            TimeSpan taken = Stopwatch.GetElapsedTime(start);
            shortest = taken < shortest ? taken : shortest;
        }

        return shortest;
    }
}
