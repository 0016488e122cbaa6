using System.Text.Json;
using WinLayers.Formats;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Storage;

namespace WinLayers.Unpacking;

/// <summary>
/// Makes the list of a store's images anew where it cannot be read: from the manifests and indexes among the blobs. Their names are those
/// of unpacked images; others were in the list alone and are lost.
/// </summary>
internal sealed class IndexRepair(LayerStore store, RepairOptions options, RepairItems items)
{
    public async Task RunAsync(IReadOnlyList<ImageRecord> records, CancellationToken cancellationToken)
    {
        try
        {
            store.Blobs.Index.Read();
        }
        catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
        {
            // Which is what this is for.
            await items.TryAsync(Path.Combine(store.Root, BlobStore.IndexFile), RepairedKind.Index,
                () => store.Blobs.Index.ReplaceAsync(Entries(records), cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Lists every image that is whole and that nothing else leads to: any of them may be what a name that was lost has kept.
    /// </summary>
    public async Task ListUnlistedAsync(CancellationToken cancellationToken)
    {
        HashSet<Digest> listed = [.. store.Blobs.Index.Read().Manifests.Select(entry => entry.Digest)];
        foreach (Descriptor entry in Entries([]).Where(entry => listed.Add(entry.Digest)))
            await store.Blobs.Index.SetAsync(name: null, entry, cancellationToken).ConfigureAwait(false);
    }

    private List<Descriptor> Entries(IReadOnlyList<ImageRecord> records)
    {
        List<ImageDocument> documents = [.. store.Blobs.List().Select(blob => Read(blob.Digest, blob.Size)).OfType<ImageDocument>()
            .Where(IsWhole).OrderBy(document => document.Raw.Digest.Hex, StringComparer.Ordinal)];
        HashSet<Digest> nested = [.. documents.OfType<ImageIndex>().SelectMany(index => index.Manifests).Select(entry => entry.Digest)];
        List<Descriptor> entries = [];
        foreach (ImageDocument document in documents)
        {
            string[] names =
            [
                .. records.Where(record => record.ManifestDigest == document.Raw.Digest).SelectMany(record => record.References)
                    .Select(reference => options.NameOf?.Invoke(reference)).OfType<string>().Distinct(StringComparer.Ordinal),
            ];
            entries.AddRange(names.Select(name => LayoutIndex.Entry(name, document.Descriptor)));
            if (names.Length == 0 && !nested.Contains(document.Raw.Digest))
                entries.Add(LayoutIndex.Entry(name: null, document.Descriptor));
        }

        return entries;
    }

    // What is listed is whole.
    private bool IsWhole(ImageDocument document) => document switch
    {
        ImageIndex index => index.Manifests.All(entry => store.Blobs.Contains(entry)),
        ImageManifest image => store.Blobs.Contains(image.Config)
            && image.Layers.All(layer => store.Blobs.Contains(layer) || MediaTypes.IsForeign(layer.MediaType)),
        _ => false,
    };

    private ImageDocument? Read(Digest digest, long size)
    {
        if (size > ImageDocument.LimitBytes)
            return null;
        try
        {
            if (PlainFile.TryRead(store.Blobs.PathOf(digest), ImageDocument.LimitBytes) is not [(byte)'{', ..] bytes
                || ContentHash.Of(bytes, digest) != digest)
                return null;
            using JsonDocument json = JsonDocument.Parse(bytes);
            bool hasLayers = json.RootElement.TryGetProperty("layers"u8, out _);
            return hasLayers || json.RootElement.TryGetProperty("manifests"u8, out _)
                ? ImageDocument.Parse(new RawManifest(ImageDocument.TypeOf(bytes, digest.ToString()), digest, bytes))
                : null;
        }
        catch (Exception other) when (other is JsonException or WinLayersException)
        {
            // A configuration, or anything else that starts as a document does.
            return null;
        }
    }
}
