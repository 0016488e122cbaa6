using WinLayers.Formats;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Storage;

/// <summary>What a store needs: what its index lists, the images that are unpacked, and holds, with everything that they lead to.</summary>
internal sealed class StoreNeeds
{
    private readonly List<CollectedItem> _damage = [];

    /// <summary>
    /// What is damaged on the way from these to layers and blobs. Where there is any, nobody knows what else is needed: everything is.
    /// </summary>
    public IReadOnlyList<CollectedItem> Damage => _damage;

    /// <summary>The blobs, whether they are there or not.</summary>
    public IReadOnlySet<Digest> Blobs { get; private set; } = new HashSet<Digest>();

    /// <summary>Layers by their chain ids; those below them are needed too.</summary>
    public IReadOnlyList<Digest> Layers { get; private set; } = [];

    /// <summary>The names of images.</summary>
    public IReadOnlyList<StoreName> Names { get; private set; } = [];

    public static StoreNeeds Find(LayerStore store)
    {
        StoreNeeds needs = new();
        IReadOnlyList<ImageRecord> images =
            store.ListImages((file, failure) => needs._damage.Add(new CollectedItem(file, CollectedKind.ImageRecord, failure)));
        IReadOnlyList<StoreHold> holds =
            store.ListHolds((file, failure) => needs._damage.Add(new CollectedItem(file, CollectedKind.Hold, failure)));
        needs.Names = store.ListNames((file, failure) => needs._damage.Add(new CollectedItem(file, CollectedKind.Name, failure)));
        var references = BlobReferences.From(store.Blobs,
        [
            .. needs.Listed(store),
            .. images.Select(image => (image.ManifestDigest, IsDocument: (bool?)true)),
            .. needs.Names.SelectMany(name => name.Images).Select(image => (image, IsDocument: (bool?)true)),
            .. holds.SelectMany(hold => hold.Digests).Select(digest => (digest, IsDocument: (bool?)null)),
        ]);
        needs._damage.AddRange(references.Damage.OrderBy(one => one.Blob.Hex, StringComparer.Ordinal)
            .Select(one => new CollectedItem(store.Blobs.PathOf(one.Blob), CollectedKind.Blob, one.Problem)));
        needs.Blobs = references.Found.Concat(needs.IndexesOfNames(store.Blobs, references.Found)).ToHashSet();
        // Also those of an image that is listed and has no record: it may have lost it.
        needs.Layers =
        [
            .. images.SelectMany(image => image.Chain), .. references.Chains.SelectMany(chain => chain),
            .. holds.SelectMany(hold => hold.ChainIds),
        ];
        return needs;
    }

    // By its index a name leads to images that are kept; which one is asked for is chosen there. Images that are not there are no damage.
    private IEnumerable<Digest> IndexesOfNames(BlobStore blobs, IReadOnlySet<Digest> needed)
    {
        foreach (StoreName name in Names.Where(name => !needed.Contains(name.Root)))
        {
            IReadOnlySet<Digest> own = BlobReferences.From(blobs, [(name.Root, IsDocument: (bool?)null)]).Found;
            if (own.Overlaps(needed))
            {
                foreach (Digest index in own.Where(digest => blobs.Contains(digest) && IsIndex(blobs, digest)))
                    yield return index;
            }
        }
    }

    private static bool IsIndex(BlobStore blobs, Digest digest)
    {
        using FileStream file = blobs.OpenRead(digest);
        if (file.Length > ImageDocument.LimitBytes || file.ReadByte() != '{')
            return false;
        file.Position = 0;
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        try
        {
            return MediaTypes.IsIndex(ImageDocument.TypeOf(bytes, digest.ToString()));
        }
        catch (ManifestException)
        {
            // A blob that starts like a document and is none: a layer may.
            return false;
        }
    }

    private IReadOnlyList<(Digest, bool?)> Listed(LayerStore store)
    {
        try
        {
            return [.. store.Blobs.Index.Read().Manifests.Select(entry => (entry.Digest, BlobReferences.IsDocument(entry.MediaType)))];
        }
        catch (WinLayersException damaged) when (!DiskException.IsOutOfFiles(damaged))
        {
            _damage.Add(new CollectedItem(Path.Combine(store.Root, BlobStore.IndexFile), CollectedKind.Blob, damaged));
            return [];
        }
    }
}
