using WinLayers.Formats;

namespace WinLayers.Storage;

/// <summary>Somebody works with the store, and what was asked for must not happen meanwhile.</summary>
public sealed class StoreBusyException : WinLayersException
{
    internal StoreBusyException(string root, IReadOnlyList<string> users)
        : base("WCL5045", $"the store '{root}' is in use{(users.Count > 0 ? $" by {string.Join(", ", users)}" : "")}")
    {
        Users = users;
        Remedy = "Try again when that has ended.";
    }

    /// <summary>The processes that hold a lease, as far as they can be told: name and number.</summary>
    public IReadOnlyList<string> Users { get; }
}
