using System.Diagnostics;
using System.Globalization;
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
        Assert.SkipUnless(OperatingSystem.IsLinux(), "How much a process has written is read from /proc.");
        long whole = await BytesOfAWholeRunAsync();
        var random = new Random(20260807);
        long[] moments = [.. Enumerable.Range(0, Kills).Select(i => (long)(whole * (i + random.NextDouble()) / Kills))];
        TestContext.Current.TestOutputHelper?.WriteLine($"of {whole} bytes written, at {string.Join(", ", moments)}");
        int killed = 0;

        // Two at a time, each in a store of its own: the machine is busy either way.
        await Parallel.ForEachAsync(moments,
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken },
            async (moment, token) =>
        {
            string store = _folder[Guid.NewGuid().ToString("N")];
            using (RunningCommand run = FaultedStore.Start(store, "unpack", Image, "--quiet"))
            {
                WaitForBytes(run.Process, moment, token);
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

    private async Task<long> BytesOfAWholeRunAsync()
    {
        using RunningCommand run = FaultedStore.Start(_folder["whole"], "unpack", Image, "--quiet");
        long written = WaitForBytes(run.Process, long.MaxValue, TestContext.Current.CancellationToken);
        (await run.FinishAsync()).ShouldSucceed();
        return written;
    }

    // By what the process did, not by the time that it had: a loaded machine is slow, and the moments are the same. How many there were at
    // the last look.
    private static long WaitForBytes(Process process, long bytes, CancellationToken cancellationToken)
    {
        long written = 0;
        while (written < bytes && !process.HasExited)
        {
            cancellationToken.ThrowIfCancellationRequested();
            written = WrittenBy(process.Id) ?? written;
            Thread.Yield();
        }

        return written;
    }

    // proc(5): wchar counts the bytes of write calls, whether the disk has them yet or not. Null once the process is gone.
    private static long? WrittenBy(int process)
    {
        try
        {
            string? line =
                File.ReadLines($"/proc/{process}/io").FirstOrDefault(line => line.StartsWith("wchar: ", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.AsSpan("wchar: ".Length), CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
