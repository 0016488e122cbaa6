using WinLayers.Formats;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Content;
using WinLayers.Oci.Registries;

namespace WinLayers.Cli.Frame;

/// <summary>What a run knows that the failure of its source does not: how a name was taken, and that the store could answer instead.</summary>
internal static class FailureHints
{
    public static async Task<string?> OfAsync(Exception failure, Invocation call)
    {
        List<string> hints = [];
        if (call.Doubt is { } doubt && failure is WinLayersException { Code: ['W', 'C', 'L', '4', ..] })
            hints.Add(doubt);
        if (IsOutOfReach(failure) && call.ElseFromStore is { } ask && await IsKnownAsync(ask).ConfigureAwait(false))
            hints.Add("The store knows this name: --offline answers from there");
        return hints.Count == 0 ? null : string.Join(". ", hints);
    }

    // Not there at all, unlike a registry that says no: what has been deleted or forbidden is not served from the store.
    private static bool IsOutOfReach(Exception failure) => failure switch
    {
        RegistryUnreachableException => true,
        BlobStoreException { Reason: BlobStoreFailure.NotALayout } => true,
        ArchiveException { InnerException: FileNotFoundException or DirectoryNotFoundException } => true,
        _ => false,
    };

    private static async Task<bool> IsKnownAsync(Func<Task<bool>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception damaged) when (damaged is WinLayersException or UsageException or IOException or UnauthorizedAccessException)
        {
            // A store that cannot tell is no help; the failure on its way is the one that counts.
            return false;
        }
    }
}
