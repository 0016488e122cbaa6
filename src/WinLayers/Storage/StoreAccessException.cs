using WinLayers.Formats;

namespace WinLayers.Storage;

/// <summary>The default store of Windows belongs to its administrators, and others may write to it, or were to make it.</summary>
public sealed class StoreAccessException : WinLayersException
{
    private StoreAccessException(string message, IReadOnlyList<string> others)
        : base("WCL5041", message) => Others = others;

    /// <summary>Who else may write to the store, by SID; empty where it is not there.</summary>
    public IReadOnlyList<string> Others { get; }

    internal static StoreAccessException Open(string root, IReadOnlyList<string> others) =>
        new($"others may write to the store '{root}', and so into what containers run: {string.Join(", ", others)}", others)
        {
            Remedy = $"Look through its contents; then, elevated: takeown /F \"{root}\" /A, icacls \"{root}\" /reset, and icacls " +
                $"\"{root}\" /inheritance:r /grant *S-1-5-32-544:(OI)(CI)F *S-1-5-18:(OI)(CI)F.",
        };

    internal static StoreAccessException NotYours(string root) =>
        new($"the store '{root}' is not there yet, and it is for administrators to make", [])
        {
            Remedy = "Run elevated, or take a folder of your own as the store.",
        };
}
