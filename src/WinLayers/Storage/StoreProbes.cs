using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;

namespace WinLayers.Storage;

/// <summary>What a store holds.</summary>
/// <param name="Location">Its folder.</param>
/// <param name="Images">Unpacked images.</param>
/// <param name="Layers">Unpacked layers.</param>
/// <param name="Blobs">Blobs.</param>
/// <param name="BlobBytes">Their bytes.</param>
public sealed record StoreDiagnosis(string Location, int Images, int Layers, int Blobs, long BlobBytes)
    : Diagnosis("store", DiagnosisResult.Fine, Location);

/// <summary>What a collection would remove.</summary>
/// <param name="Count">How many things.</param>
/// <param name="IsBusy">Whether layers and blobs were not looked at, because somebody holds a lease.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record LeftoversDiagnosis(int Count, bool IsBusy, long Bytes)
    : Diagnosis(
        "leftovers", Count == 0 ? DiagnosisResult.Fine : DiagnosisResult.Doubtful,
        Count > 0 ? "a collection removes them" : IsBusy ? "none in tmp; somebody is unpacking" : "none")
{
    /// <summary>How many blobs and broken downloads nothing needs that a collection keeps for their day.</summary>
    public int Kept { get; init; }

    /// <summary>Their bytes.</summary>
    public long KeptBytes { get; init; }
}

/// <summary>Probes of a store.</summary>
public static class StoreProbes
{
    /// <summary>Looks at a store: what is in it, and what is left over. Makes none where there is none.</summary>
    /// <param name="location">Its folder.</param>
    /// <param name="host">The host that would collect its layers.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<Diagnosis>> LookAsync(string location, ILayerHost host,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        try
        {
            // A file where the store should be is told of by opening it.
            if (!File.Exists(Path.Combine(location, BlobStore.LayoutFile)) && !File.Exists(location))
                return [new Diagnosis("store", DiagnosisResult.Fine, $"{location} is not there yet; the first pull or unpack makes it")];
            LayerStore store = await LayerStore.OpenAsync(location, cancellationToken).ConfigureAwait(false);
            int images = store.ListImages().Count, layers = store.ListLayers().Count;
            var blobs = store.Blobs.List().ToList();
            StoreCollection leftovers = store.Collect(host, dryRun: true, cancellationToken);
            return
            [
                new StoreDiagnosis(location, images, layers, blobs.Count, blobs.Sum(blob => blob.Size)),
                new LeftoversDiagnosis(leftovers.Items.Count(item => item.Failure is null), leftovers.IsBusy, leftovers.Bytes)
                {
                    Kept = leftovers.Kept,
                    KeptBytes = leftovers.KeptBytes,
                },
            ];
        }
        catch (WinLayersException damaged)
        {
            return [new Diagnosis("store", DiagnosisResult.Wrong, damaged.Message) { Failure = damaged }];
        }
    }
}
