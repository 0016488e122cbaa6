using System.Text.Json;
using WinLayers.Formats.Text;
using WinLayers.Formats;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>
/// Which blobs of a layout are still led to. Rather too many than too few: every digest that a document names counts, whatever it is for.
/// </summary>
internal sealed class BlobReferences
{
    private readonly BlobStore _blobs;
    private readonly HashSet<Digest> _found = [];
    private readonly HashSet<Digest> _read = [];
    private readonly List<IReadOnlyList<Digest>> _chains = [];
    private readonly List<(Digest Blob, WinLayersException Problem)> _damage = [];
    private readonly Stack<(Digest Blob, bool? IsDocument)> _ahead;

    private BlobReferences(BlobStore blobs, IEnumerable<(Digest Blob, bool? IsDocument)> roots)
    {
        _blobs = blobs;
        _ahead = new(roots);
    }

    /// <summary>The roots and everything that they lead to, whether it is there or not.</summary>
    public IReadOnlySet<Digest> Found => _found;

    /// <summary>The layers of each configuration among them, by their chain ids, child to parent.</summary>
    public IReadOnlyList<IReadOnlyList<Digest>> Chains => _chains;

    /// <summary>
    /// Documents that are damaged or not there, so that nobody knows what they led to: nothing may be removed as not needed.
    /// </summary>
    public IReadOnlyList<(Digest Blob, WinLayersException Problem)> Damage => _damage;

    /// <summary>Follows all references.</summary>
    /// <param name="blobs">The layout.</param>
    /// <param name="roots">Where to begin; with each whether it has to be a document, and there; null where nobody said.</param>
    public static BlobReferences From(BlobStore blobs, IEnumerable<(Digest Blob, bool? IsDocument)> roots)
    {
        BlobReferences references = new(blobs, roots);
        references.Follow();
        return references;
    }

    private void Follow()
    {
        while (_ahead.TryPop(out (Digest Blob, bool? IsDocument) next))
        {
            // One that was passed over as no document is looked at again where somebody says that it is one.
            _found.Add(next.Blob);
            if (next.IsDocument == false || (next.IsDocument is null && !_blobs.Contains(next.Blob)) || !_read.Add(next.Blob))
                continue;
            try
            {
                if (ReadDocument(next.Blob, next.IsDocument == true) is { } bytes)
                    AddDigests(bytes);
            }
            catch (WinLayersException problem) when (!DiskException.IsOutOfFiles(problem))
            {
                _damage.Add((next.Blob, problem));
            }
        }
    }

    private void AddDigests(byte[] bytes)
    {
        try
        {
            // Where a key comes twice, some tool follows the first value and some tool the second.
            using JsonDocument json = StrictJson.Parse(bytes, allowDuplicateKeys: true);
            AddDigests(json.RootElement, mayBeMissing: false);
            AddChain(json.RootElement);
        }
        catch (JsonException)
        {
            // Its bytes are what they should be, so it is no document but something that starts like one.
        }
    }

    // Null for a layer or another blob that is no document. Small ones are verified whatever they are: an empty file was one perhaps.
    private byte[]? ReadDocument(Digest digest, bool isDocument)
    {
        using FileStream file = _blobs.OpenRead(digest);
        bool isSmall = file.Length <= ImageConfig.LimitBytes;
        if (!isSmall && !isDocument)
            return null;
        byte[] bytes = DocumentBytes.Read(file, digest.ToString(), ImageConfig.LimitBytes);
        Digest actual = ContentHash.Of(bytes, digest);
        if (actual != digest)
            throw new DigestMismatchException($"stored blob '{_blobs.PathOf(digest)}'", digest, actual, bytes.Length);
        return bytes is [(byte)'{', ..] ? bytes : null;
    }

    private void AddDigests(JsonElement element, bool mayBeMissing)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                AddDigests(item, mayBeMissing);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            bool? isDocument = element.TryGetProperty("mediaType"u8, out JsonElement type) && type.ValueKind == JsonValueKind.String
                ? IsDocument(type.GetString()!) : null;
            if (mayBeMissing && isDocument == true)
                isDocument = null;
            foreach (JsonProperty property in element.EnumerateObject())
            {
                if (property.NameEquals("digest"u8) && property.Value.ValueKind == JsonValueKind.String
                    && Digest.TryParse(property.Value.GetString(), out Digest digest))
                    _ahead.Push((digest, isDocument));
                else
                    // What a signature is about may be elsewhere.
                    AddDigests(property.Value, mayBeMissing || property.NameEquals("subject"u8));
            }
        }
    }

    /// <summary>Whether a blob of this type leads to others; null where the type does not tell.</summary>
    public static bool? IsDocument(string mediaType) =>
        MediaTypes.IsManifest(mediaType) || MediaTypes.IsIndex(mediaType) ? true : MediaTypes.IsLayer(mediaType) ? false : null;

    private void AddChain(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("rootfs"u8, out JsonElement files)
            || files.ValueKind != JsonValueKind.Object || !files.TryGetProperty("diff_ids"u8, out JsonElement list)
            || list.ValueKind != JsonValueKind.Array)
            return;
        List<Digest> diffIds = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String && Digest.TryParse(item.GetString(), out Digest diffId))
                diffIds.Add(diffId);
        }

        _chains.Add([.. ChainId.OfAll(diffIds).Reverse()]);
    }
}
