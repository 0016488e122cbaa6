using System.Text;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;

namespace WinLayers.Storage;

/// <summary>The names of a store's images, each in a record of its own. A name leads to one digest.</summary>
internal sealed class StoreNames(StorePaths paths, BlobStore blobs)
{
    private const string Format = "winlayers.name/1";

    public IReadOnlyList<StoreName> List(Action<string, StoreException>? onDamaged) => StoreRoots.List(paths.Names, Read, onDamaged);

    public StoreName? Find(string name) => Read(Path.Combine(paths.Names, FileOf(name))) is { } found && found.Name == name ? found : null;

    /// <summary>
    /// Says what a name leads to. Images of another digest lose the name; those of the same one stay, so that an index's images can be
    /// brought one by one.
    /// </summary>
    public async Task RecordAsync(string name, Digest root, Digest? image, CancellationToken cancellationToken)
    {
        if (Recorded(name) is { } known && known.Root == root && (image is not { } wanted || known.Images.Contains(wanted)))
            return;
        using StoreLock held = await StoreLock.TakeAsync(paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Digest> before = Recorded(name) is { } recorded && recorded.Root == root ? recorded.Images : [];
        Write(new StoreName(name, root, image is { } one ? [.. before.Append(one).Distinct()] : before));
        TakeFromOthers(name, root);
    }

    public async Task<bool> ForgetAsync(string name, CancellationToken cancellationToken)
    {
        using StoreLock held = await StoreLock.TakeAsync(paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        TakeFromOthers(name, root: null);
        return StoreRecords.Remove(paths.Names, FileOf(name));
    }

    /// <summary>Takes an image out of every name; a name that has no other is forgotten.</summary>
    public async Task ForgetAsync(Digest image, CancellationToken cancellationToken)
    {
        using StoreLock held = await StoreLock.TakeAsync(paths.ImagesLock, shared: false, cancellationToken).ConfigureAwait(false);
        foreach (StoreName name in List(onDamaged: null).Where(name => name.Root == image || name.Images.Contains(image)))
        {
            IReadOnlyList<Digest> others = [.. name.Images.Where(other => other != image)];
            if (others.Count == 0 || name.Root == image)
                StoreRecords.Remove(paths.Names, FileOf(name.Name));
            else
                Write(name with { Images = others });
        }
    }

    /// <summary>The file that a collection removes once nothing is left of what the name leads to.</summary>
    public string PathOf(StoreName name) => Path.Combine(paths.Names, FileOf(name.Name));

    // The names of unpacked images stand in their records too, where the first version looks for them.
    private void TakeFromOthers(string name, Digest? root)
    {
        IReadOnlySet<Digest> own = root is { } kept ? BlobReferences.From(blobs, [(kept, IsDocument: (bool?)null)]).Found
            : new HashSet<Digest>();
        foreach (string file in Directory.EnumerateFiles(paths.Images, "*.json")
            .Where(file => !StoreRecords.IsUnfinished(Path.GetFileName(file))))
        {
            try
            {
                if (StoreRecords.ReadImage(file) is { } image && image.References.Contains(name, StringComparer.Ordinal)
                    && !own.Contains(image.ManifestDigest))
                    StoreRecords.WriteImage(paths.Images,
                        image with { References = [.. image.References.Where(other => other != name)] });
            }
            catch (StoreException)
            {
                // Of a damaged record nobody knows the names; verify tells of it, and nothing is answered from it.
            }
        }
    }

    // Null also for a damaged record: what replaces it heals it.
    private StoreName? Recorded(string name)
    {
        try
        {
            return Find(name);
        }
        catch (StoreException damaged) when (!damaged.IsOfNewerVersion)
        {
            return null;
        }
    }

    private static StoreName? Read(string path) => StoreRecords.Read(path, Format, root => new StoreName(
        root.GetProperty("name").GetString()!,
        Digest.Parse(root.GetProperty("root").GetString()!),
        StoreRecords.DigestsOf(root, "images")));

    private void Write(StoreName name) => StoreRecords.Write(paths.Names, FileOf(name.Name), json =>
    {
        json.WriteString("format"u8, Format);
        json.WriteString("name"u8, name.Name);
        json.WriteString("root"u8, name.Root.ToString());
        StoreRecords.WriteDigests(json, "images", name.Images);
    });

    // Names hold what no file's name may.
    private static string FileOf(string name) => $"{ContentHash.Of(Encoding.UTF8.GetBytes(name)).Hex}.json";
}
