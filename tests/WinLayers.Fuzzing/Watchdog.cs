using System.Diagnostics;

namespace WinLayers.Fuzzing;

/// <summary>
/// Notices an input that takes too much of the processor, or stands still. A thread that hangs cannot be stopped, so a hang is reported
/// and ends the process.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // What waits for something takes no processor time; a busy machine may let it wait for long.
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromMinutes(5);

    private readonly Findings _findings;
    private readonly Timer _timer;
    private Flight? _flight;

    public Watchdog(Findings findings)
    {
        _findings = findings;
        _timer = new Timer(_ => Look(), state: null, dueTime: 250, period: 250);
    }

    /// <summary>An input is being read.</summary>
    public void Start(FuzzTarget target, byte[] input) =>
        Volatile.Write(ref _flight, new Flight(target, input, Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp()));

    /// <summary>It was read.</summary>
    public void Stop() => Volatile.Write(ref _flight, null);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Volatile.Read(ref _flight) is not { } flight)
            return;
        TimeSpan taken = Environment.CpuUsage.TotalTime - flight.TakenBefore, waited = Stopwatch.GetElapsedTime(flight.Since);
        if (taken < Patience && waited < LongestStandstill)
            return;
        _findings.Add(flight.Target, flight.Input, "hang", $"still running after {taken} of the processor, {waited} by the clock");
        Environment.Exit(1);
    }

    private sealed record Flight(FuzzTarget Target, byte[] Input, TimeSpan TakenBefore, long Since);
}
