using System.Text.Json;
using WinLayers.Formats;
using WinLayers.Formats.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>
/// Which blobs of a layout are still led to. Rather too many than too few: every digest that a document names counts, whatever it is for.
/// </summary>
internal static class BlobReferences
{
    /// <summary>The roots and everything that they lead to, whether it is there or not.</summary>
    /// <exception cref="WinLayersException">A document is damaged, so that nobody knows what it led to.</exception>
    internal static HashSet<Digest> From(BlobStore blobs, IEnumerable<Digest> roots)
    {
        HashSet<Digest> found = [];
        Stack<Digest> ahead = new(roots);
        while (ahead.TryPop(out Digest next))
        {
            if (!found.Add(next) || !blobs.Contains(next) || ReadDocument(blobs, next) is not { } bytes)
                continue;
            try
            {
                // Where a key comes twice, some tool follows the first value and some tool the second.
                using JsonDocument json = StrictJson.Parse(bytes, allowDuplicateKeys: true);
                AddDigests(json.RootElement, ahead);
            }
            catch (JsonException)
            {
                // Its bytes are what they should be, so it is no document but something that starts like one.
            }
        }

        return found;
    }

    // Null for a layer or another blob that is no document.
    private static byte[]? ReadDocument(BlobStore blobs, Digest digest)
    {
        using FileStream file = blobs.OpenRead(digest);
        if (file.Length > ImageDocument.LimitBytes || file.ReadByte() != '{')
            return null;
        file.Position = 0;
        byte[] bytes = DocumentBytes.Read(file, digest.ToString(), ImageDocument.LimitBytes);
        Digest actual = ContentHash.Of(bytes, digest);
        return actual == digest ? bytes : throw new DigestMismatchException("document", digest, actual, bytes.Length);
    }

    private static void AddDigests(JsonElement element, Stack<Digest> found)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                AddDigests(item, found);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                if (property.NameEquals("digest"u8) && property.Value.ValueKind == JsonValueKind.String
                    && Digest.TryParse(property.Value.GetString(), out Digest digest))
                    found.Push(digest);
                else
                    AddDigests(property.Value, found);
            }
        }
    }
}
