using WinLayers.Oci.Digests;

namespace WinLayers.Storage;

/// <summary>What keeps layers and blobs from being collected: the records of images, and holds.</summary>
internal sealed class StoreRoots(StorePaths paths)
{
    /// <summary>Writes an image's record as it is, in place of whatever is there.</summary>
    public async Task ReplaceImageAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        using StoreLock held = await StoreLock.TakeAsync(paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        StoreRecords.WriteImage(paths.Images, image);
    }

    public async Task RecordImageAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        if (FindImage(image.ManifestDigest) is { } recorded && recorded.Chain.SequenceEqual(image.Chain)
            && !image.References.Except(recorded.References, StringComparer.Ordinal).Any())
            return;
        using StoreLock held = await StoreLock.TakeAsync(paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> before = FindImage(image.ManifestDigest)?.References ?? [];
        StoreRecords.WriteImage(paths.Images, image with { References = [.. before.Union(image.References, StringComparer.Ordinal)] });
    }

    public Task<bool> ForgetImageAsync(Digest manifestDigest, CancellationToken cancellationToken) =>
        RemoveAsync(paths.Images, StoreRecords.ImageFile(manifestDigest), cancellationToken);

    public IReadOnlyList<ImageRecord> ListImages(Action<string, StoreException>? onDamaged) =>
        List(paths.Images, StoreRecords.ReadImage, onDamaged);

    public async Task HoldAsync(StoreHold hold, CancellationToken cancellationToken)
    {
        // A collection that is on its way has read the holds already: it ends before this returns.
        using StoreLock lease = await StoreLock.TakeAsync(paths.StoreLock, shared: true, cancellationToken).ConfigureAwait(false);
        using StoreLock held = await StoreLock.TakeAsync(paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        StoreRecords.WriteHold(paths.Holds, hold);
    }

    public Task<bool> ReleaseAsync(string name, CancellationToken cancellationToken) =>
        StoreHold.IsName(name) ? RemoveAsync(paths.Holds, StoreRecords.HoldFile(name), cancellationToken) : Task.FromResult(false);

    public IReadOnlyList<StoreHold> ListHolds(Action<string, StoreException>? onDamaged) =>
        List(paths.Holds, StoreRecords.ReadHold, onDamaged);

    // Null also for a damaged record: what replaces it heals it, and the names that the image had besides are lost with it.
    private ImageRecord? FindImage(Digest manifestDigest)
    {
        try
        {
            return StoreRecords.ReadImage(Path.Combine(paths.Images, StoreRecords.ImageFile(manifestDigest)));
        }
        catch (StoreException damaged) when (!damaged.IsOfNewerVersion)
        {
            return null;
        }
    }

    private async Task<bool> RemoveAsync(string folder, string name, CancellationToken cancellationToken)
    {
        using StoreLock held = await StoreLock.TakeAsync(paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        return StoreRecords.Remove(folder, name);
    }

    public static List<T> List<T>(string folder, Func<string, T?> read, Action<string, StoreException>? onDamaged)
        where T : class
    {
        List<T> records = [];
        foreach (string file in Directory.EnumerateFileSystemEntries(folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (StoreRecords.IsUnfinished(Path.GetFileName(file)))
                continue;
            try
            {
                if (read(file) is { } record)
                    records.Add(record);
            }
            catch (StoreException damaged) when (onDamaged is not null)
            {
                onDamaged(file, damaged);
            }
        }

        return records;
    }
}
