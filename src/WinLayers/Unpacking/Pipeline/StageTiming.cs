namespace WinLayers.Unpacking.Pipeline;

/// <summary>Where the time of one stage of unpacking a layer went.</summary>
/// <param name="Stage"><c>read</c>, <c>inflate</c>, <c>diffid</c> or <c>write</c>.</param>
/// <param name="Bytes">Bytes that left the stage.</param>
/// <param name="Busy">Time it worked.</param>
/// <param name="Waiting">Time it waited for the stage before or after it.</param>
public sealed record StageTiming(string Stage, long Bytes, TimeSpan Busy, TimeSpan Waiting);
