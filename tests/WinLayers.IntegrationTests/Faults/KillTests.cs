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
        await Parallel.ForEachAsync(moments,
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken },
            async (moment, token) =>
        {
            string store = _folder[Guid.NewGuid().ToString("N")];
            using (RunningCommand run = FaultedStore.Start(store, "unpack", Image, "--quiet"))
            {
                await Task.Delay(moment, token);
                if (!run.Process.HasExited && FaultedStore.Kill(run.Process.Id, signal: 9) == 0)
                    Interlocked.Increment(ref killed);
                await run.FinishAsync();
            }

            // A kill may fall between the making of a temporary file and the taking of its name: then the name stays, with nothing behind
            // it.
            Assert.All(new DirectoryInfo(FaultedStore.TemporaryOf(store)).EnumerateFiles("winlayers-*"),
                static file => Assert.Equal(0, file.Length));
            if (Directory.Exists(store))
                await FaultedStore.AssertCleanAsync(store);
            await FaultedStore.AssertCompletesAsync(store, Image);
            Directory.Delete(store, recursive: true);
        });

        Assert.InRange(killed, Kills / 2, Kills);
    }

    [Fact]
    public async Task InterruptedAtAnyMoment_StopsWithinASecondOfTheProcessor_AndCleansUp()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix has them.");
        List<TimeSpan> times = [];
        foreach (int milliseconds in new[] { 300, 400, 500, 700, 900, 1050, 1200 })
        {
            string store = _folder[$"interrupted-{milliseconds}"];
            using RunningCommand run = FaultedStore.Start(store, "unpack", "sample:large?entries=200000&bytes=4000000000", "--quiet");
            await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
            (CommandResult result, TimeSpan taken) = await run.InterruptAsync();
            times.Add(taken);

            Assert.Equal(130, result.ExitCode);
            FaultedStore.AssertNothingHalfMade(store);
            if (Directory.Exists(store))
            {
                await FaultedStore.AssertCleanAsync(store);
                Directory.Delete(store, recursive: true);
            }
        }

        // A second is the promise for a quiet machine: on any other, the processor's own time.
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:N0} ms")));
        Assert.All(times, time => Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
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
