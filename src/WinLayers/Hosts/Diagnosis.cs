using WinLayers.Formats;

namespace WinLayers.Hosts;

/// <summary>What a probe says of the machine or a store.</summary>
public enum DiagnosisResult
{
    /// <summary>As it should be.</summary>
    Fine,

    /// <summary>It works, but may not do for what is ahead.</summary>
    Doubtful,

    /// <summary>Something that layers need is missing or damaged.</summary>
    Wrong,
}

/// <summary>The outcome of one probe. Probes change nothing.</summary>
/// <param name="Name">What was looked at, in one word.</param>
/// <param name="Result">What to think of it.</param>
/// <param name="Detail">What was found, without figures that the type has as properties.</param>
public record Diagnosis(string Name, DiagnosisResult Result, string Detail)
{
    /// <summary>What failed, where something did: it has the remedy.</summary>
    public WinLayersException? Failure { get; init; }
}

/// <summary>Room for layers.</summary>
/// <param name="Result">What to think of it.</param>
/// <param name="FreeBytes">How much is free.</param>
public sealed record SpaceDiagnosis(DiagnosisResult Result, long FreeBytes) : Diagnosis("space", Result,
    "a Windows base image takes 1 to 15 GB");
