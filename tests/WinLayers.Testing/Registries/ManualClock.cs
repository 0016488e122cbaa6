namespace WinLayers.Testing.Registries;

/// <summary>
/// A clock that a test moves, so that no limit runs out because the machine is busy. Pauses of some milliseconds, such as those between
/// repetitions, pass by themselves.
/// </summary>
internal sealed class ManualClock : TimeProvider
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);
    private static readonly DateTimeOffset Start = new(2026, 8, 7, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_lock)
            return _now.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero && dueTime <= LongestPause)
            return base.CreateTimer(callback, state, dueTime, period);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on; what is due by then happens before this returns.</summary>
    public void Advance(TimeSpan time)
    {
        ManualTimer[] due;
        lock (_lock)
        {
            _now += time;
            due = [.. _timers.Where(timer => timer.Due <= _now)];
            foreach (ManualTimer timer in due)
                _timers.Remove(timer);
        }

        foreach (ManualTimer timer in due)
            timer.Run();
    }

    /// <summary>Waits until somebody waits for exactly this long from now on.</summary>
    public async Task WaitForTimerAsync(TimeSpan dueTime)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_timers.Exists(timer => timer.Due == _now + dueTime))
                    return;
            }

            await Task.Delay(1, RegistryTesting.Token);
        }
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan)
                throw new NotSupportedException("Nothing here needs a timer that goes off more than once.");
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                Due = clock._now + dueTime;
                if (dueTime != Timeout.InfiniteTimeSpan)
                    clock._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
