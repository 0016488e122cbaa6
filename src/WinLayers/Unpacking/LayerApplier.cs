using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Disk;
using WinLayers.Storage;
using WinLayers.Volumes;

namespace WinLayers.Unpacking;

/// <summary>
/// Applies one layer from a stream of its blob: checks the digest, inflates, checks the DiffID, reads the tar within the limits, writes
/// the layer and has a host finish it. What fails or is cancelled leaves nothing.
/// </summary>
/// <param name="host">What finishes layers.</param>
/// <param name="limits">What a layer may cost; the defaults where null.</param>
/// <remarks>
/// The DiffID need not be known beforehand: with the layer below it has to give the chain id. Safe for several threads. A blob's stream
/// is read synchronously, on a thread of its own, and stays the caller's.
/// </remarks>
public sealed class LayerApplier(ILayerHost host, LayerLimits? limits = null)
{
    private readonly LayerLimits _limits = limits ?? LayerLimits.Default;

    /// <summary>Applies a layer into a store, where it appears whole or not at all.</summary>
    /// <param name="store">The store. The layers below are in it.</param>
    /// <param name="layer">Which layer it is.</param>
    /// <param name="blob">The blob as the registry has it. Not read where the store has the layer.</param>
    /// <param name="cancellationToken">Stops, also waiting for another process that makes the same layer.</param>
    /// <remarks>
    /// The layer may be collected as soon as nothing holds it: hold a lease (<see cref="LayerStore.LeaseAsync"/>) until an image or a
    /// hold names it. Where others are at the same chain id, in any process, this waits and takes what they made.
    /// </remarks>
    /// <exception cref="StoreException">A layer below is not in the store.</exception>
    /// <exception cref="DigestMismatchException">The blob, the DiffID or the chain id is another.</exception>
    /// <exception cref="SizeMismatchException">The blob has another size.</exception>
    /// <exception cref="LayerRefusedException">The tar breaks a rule or a limit.</exception>
    /// <exception cref="DiskException">The store cannot be written.</exception>
    public async Task<AppliedLayer> ApplyAsync(LayerStore store, LayerToApply layer, Stream blob,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        using StoreLease lease = await store.LeaseAsync(cancellationToken).ConfigureAwait(false);
        LayerChain parents = layer.ParentChainId is { } below ? [.. store.GetChain(below).Select(stored => stored.Folder)] : [];
        using PendingLayer? pending =
            await store.BeginLayerAsync(layer.ChainId, layer.ParentChainId, host.BuildsInPlace, cancellationToken).ConfigureAwait(false);
        if (pending is null)
        {
            // It was there, or another process made it while this waited.
            StoredLayer present = store.TryGetLayer(layer.ChainId)!;
            return new AppliedLayer(present.Identity, present.Folder, WasPresent: true, present.Counts);
        }

        using LayerApplication application = Start(layer, blob, cancellationToken);
        try
        {
            await InstallAsync(application, layer, pending.Folder, pending.StagingFolder, parents, cancellationToken).ConfigureAwait(false);
        }
        catch (WinLayersException failure)
        {
            pending.Dispose();
            failure.Leftover ??= pending.Leftover;
            throw;
        }

        StoredLayer stored = pending.Commit(host.Name, application.Identity, application.Counts);
        return new AppliedLayer(stored.Identity, stored.Folder, WasPresent: false, stored.Counts);
    }

    /// <summary>
    /// Applies a layer into a folder of one's own. It appears there whole; a host that builds in place makes it there, and the folder
    /// is a layer only when this returns.
    /// </summary>
    /// <param name="folder">The layer's folder: not there yet, or empty.</param>
    /// <param name="parents">The layers below.</param>
    /// <param name="layer">Which layer it is.</param>
    /// <param name="blob">The blob as the registry has it.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DigestMismatchException">The blob, the DiffID or the chain id is another.</exception>
    /// <exception cref="SizeMismatchException">The blob has another size.</exception>
    /// <exception cref="LayerRefusedException">The tar breaks a rule or a limit.</exception>
    /// <exception cref="DiskException">The folder has contents, or cannot be written.</exception>
    public async Task<AppliedLayer> ApplyAsync(
        string folder, LayerChain parents, LayerToApply layer, Stream blob, CancellationToken cancellationToken = default)
    {
        if (parents.Count == 0 != layer.ParentChainId is null)
            throw new ArgumentException("A layer has parents and a parent's chain id, or neither.", nameof(parents));
        using PendingFolder pending = PendingFolder.Start(folder, host.BuildsInPlace);
        using LayerApplication application = Start(layer, blob, cancellationToken);
        try
        {
            await InstallAsync(application, layer, pending.Folder, pending.StagingFolder, parents, cancellationToken).ConfigureAwait(false);
        }
        catch (WinLayersException failure)
        {
            pending.Dispose();
            failure.Leftover ??= pending.Leftover;
            throw;
        }

        pending.Commit();
        return new AppliedLayer(application.Identity, pending.FinalFolder, WasPresent: false, application.Counts);
    }

    private LayerApplication Start(LayerToApply layer, Stream blob, CancellationToken cancellationToken) =>
        new(host, _limits, layer, () => new VerifyingStream(blob, layer.Blob, leaveOpen: true), cancellationToken);

    private async Task InstallAsync(
        LayerApplication application, LayerToApply layer, string folder, string stagingFolder, LayerChain parents,
            CancellationToken cancellationToken)
    {
        using var trees = new ParentTrees(host);
        try
        {
            await application.InstallAsync(folder, stagingFolder, () => trees.Open(parents), cancellationToken).ConfigureAwait(false);
        }
        catch (LayerRefusedException refused)
        {
            throw refused.At(layer: layer.Blob.Digest.ToString());
        }
        catch (Exception cause) when (DiskException.IsDiskAtFault(cause))
        {
            throw DiskException.FromIO(cause, "cannot write the layer in", folder);
        }
    }
}
