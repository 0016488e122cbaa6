using WinLayers.Formats;

namespace WinLayers.Storage;

/// <summary>A record of the store is damaged, or a layer that is needed is not in the store.</summary>
public sealed class StoreException : WinLayersException
{
    internal StoreException(string message, string? remedy = null, Exception? innerException = null)
        : base("WCL5040", message, innerException) => Remedy = remedy;

    /// <summary>Whether a record is whole, but of a newer version of the store: nothing of it may be replaced.</summary>
    public bool IsOfNewerVersion { get; internal init; }

    /// <summary>What is wrong with a record, for messages that name it themselves.</summary>
    internal string? Problem { get; init; }
}
