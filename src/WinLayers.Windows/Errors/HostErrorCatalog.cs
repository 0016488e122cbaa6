namespace WinLayers.Windows.Errors;

/// <summary>What is known about a code that calls of the host return.</summary>
/// <param name="Code">The HRESULT.</param>
/// <param name="Call">The function it is known from; null for any.</param>
/// <param name="Name">The system's name of the code.</param>
/// <param name="Cause">What was behind it.</param>
/// <param name="Remedy">What helped.</param>
public sealed record HostError(int Code, string? Call, string Name, string Cause, string Remedy)
{
    /// <summary>What it is about.</summary>
    public HostErrorKind Kind { get; init; }

    internal static HostError Of(
        uint code, string? call, string name, string cause, string remedy, HostErrorKind kind = HostErrorKind.Other) =>
        new(unchecked((int)code), call, name, cause, remedy) { Kind = kind };
}

/// <summary>Codes that users meet, what was behind them and what helped: a table, without logic of its own.</summary>
public static class HostErrorCatalog
{
    /// <summary>Every entry; those with a call come before the one for any call.</summary>
    public static IReadOnlyList<HostError> Entries { get; } =
        [.. Win32Errors.Entries, .. ComputeSystemErrors.Entries, .. VirtualDiskErrors.Entries];

    /// <summary>What is known about this code from this call, or else from any.</summary>
    public static HostError? Find(string call, int code)
    {
        foreach (HostError entry in Entries)
        {
            if (entry.Code == code && (entry.Call is null || entry.Call == call))
                return entry;
        }

        return null;
    }
}
