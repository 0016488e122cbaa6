using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Storage;
using WinLayers.Unpacking.Pipeline;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>One layer being applied: its pipeline, which starts at once, and its installation.</summary>
internal sealed class LayerApplication : IDisposable
{
    // As long as any that takes its place.
    private static readonly Digest UnknownDiffId = Digest.Parse("sha256:" + new string('0', 64));

    private readonly ILayerHost _host;
    private readonly LayerToApply _layer;
    private readonly LayerPipeline _pipeline;
    private readonly LayerInstaller _installer;

    /// <summary>One layer to be made by a host.</summary>
    /// <param name="host">What finishes the layer.</param>
    /// <param name="limits">What the layer may cost.</param>
    /// <param name="layer">Which layer it is.</param>
    /// <param name="openBlob">Opens the blob, on a thread of the pipeline; its size and digest are checked by what it opens.</param>
    /// <param name="cancellationToken">Stops.</param>
    public LayerApplication(ILayerHost host, LayerLimits limits, LayerToApply layer, Func<Stream> openBlob,
        CancellationToken cancellationToken)
    {
        _host = host;
        _layer = layer;
        _installer = new LayerInstaller(host, limits);

        // The DiffID of a base layer is its chain id.
        DiffIdCheck check = new(layer.ChainId, layer.ParentChainId, layer.DiffId ?? (layer.ParentChainId is null ? layer.ChainId : null));
        Identity = new LayerIdentity(check.Expected ?? UnknownDiffId, layer.ChainId, layer.ParentChainId, layer.Blob.Digest);
        _pipeline = LayerPipeline.Start(openBlob, layer.Blob.MediaType, check, limits, cancellationToken);
    }

    /// <summary>Which layer it is; the DiffID is true once it is installed.</summary>
    public LayerIdentity Identity { get; private set; }

    /// <summary>Whether its entries are being written.</summary>
    public bool IsInstalling { get; private set; }

    /// <summary>Entries written so far.</summary>
    public long Entries => _installer.Entries;

    /// <summary>Compressed bytes read so far.</summary>
    public long CompressedBytes => _pipeline.CompressedBytes;

    /// <summary>How much is in it; true once it is installed.</summary>
    public LayerCounts Counts => new(_installer.Entries, _installer.Files, _installer.ContentBytes, _pipeline.TarBytes, _layer.Blob.Size);

    /// <summary>Where the time went; true once disposed.</summary>
    public IReadOnlyList<StageTiming> Timings => [.. _pipeline.Timings, .. _installer.Timings(_pipeline.ReaderWaited, _pipeline.TarBytes)];

    /// <summary>Writes the layer into its folder and has the host finish it.</summary>
    /// <param name="folder">The layer's folder, empty.</param>
    /// <param name="stagingFolder">A folder for the host's staging, not there yet or empty.</param>
    /// <param name="openParents">Opens the layers below, nearest first; they stay open and the caller's.</param>
    /// <param name="cancellationToken">Stops before it starts; then the pipeline's own does.</param>
    public async Task InstallAsync(
        string folder, string stagingFolder, Func<IReadOnlyList<ILayerTree>> openParents, CancellationToken cancellationToken)
    {
        IsInstalling = true;
        // The pipeline blocks the thread that reads it: one of its own.
        try
        {
            await Task.Factory.StartNew(
                () => Install(folder, stagingFolder, openParents()), cancellationToken, TaskCreationOptions.LongRunning,
                TaskScheduler.Default).ConfigureAwait(false);
        }
        catch (WinLayersException failure)
        {
            failure.Blob ??= _layer.Blob.Digest.ToString();
            throw;
        }
    }

    /// <summary>Stops what still runs and waits for it.</summary>
    public void Dispose() => _pipeline.Dispose();

    private void Install(string folder, string stagingFolder, IReadOnlyList<ILayerTree> parents)
    {
        _installer.Install(_pipeline.Tar, folder, stagingFolder, Identity, parents);
        Digest found = _pipeline.DiffId!.Value;
        if (found == Identity.DiffId)
            return;
        Identity = Identity with { DiffId = found };
        _host.SetIdentity(folder, Identity);
    }
}
