namespace WinLayers.Testing.Registries;

/// <summary>The system's clock, with a date that a test moves. Timers run as ever.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
