using System.Text.Json;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>
/// The <c>index.json</c> of an OCI image layout: its images and their names. Changes are atomic, and made by one process at a time.
/// </summary>
public sealed class LayoutIndex
{
    /// <summary>The annotation that holds an image's name in a layout.</summary>
    public const string NameAnnotation = "org.opencontainers.image.ref.name";

    private readonly BlobStore _store;

    internal LayoutIndex(BlobStore store) => _store = store;

    private string FilePath => Path.Combine(_store.Root, BlobStore.IndexFile);

    /// <summary>Reads the index as it is now.</summary>
    /// <exception cref="BlobStoreException">It is not there.</exception>
    /// <exception cref="ManifestException">It is malformed.</exception>
    public ImageIndex Read()
    {
        return Parse(ReadBytes() ?? throw Missing());
    }

    /// <summary>The entry with this name; null where there is none.</summary>
    public Descriptor? Find(string name) => Read().Manifests.FirstOrDefault(entry => NameOf(entry) == name);

    /// <summary>The name of an index entry; null where it has none.</summary>
    public static string? NameOf(Descriptor entry) => entry.Annotations.GetValueOrDefault(NameAnnotation);

    /// <summary>Gives an image a name, taken from whatever had it before; without a name the image is listed, once.</summary>
    public Task SetAsync(string? name, Descriptor image, CancellationToken cancellationToken = default)
    {
        // What is so already needs no lock, and a layout that cannot be written serves as well.
        if (File.Exists(FilePath) && Read().Manifests.Where(IsReplaced).ToList() is [var only]
            && (only.Digest, only.Size, only.MediaType) == (image.Digest, image.Size, image.MediaType))
            return Task.CompletedTask;
        return ChangeAsync(IsReplaced, image with { Annotations = WithName(image, name) }, cancellationToken);

        bool IsReplaced(Descriptor entry) => name is null ? NameOf(entry) is null && entry.Digest == image.Digest : NameOf(entry) == name;
    }

    /// <summary>Takes a name away; the image stays listed under its other names alone. False where no image has it.</summary>
    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken = default) =>
        ChangeAsync(entry => NameOf(entry) == name, added: null, cancellationToken);

    /// <summary>Takes every entry of an image away. False where there is none.</summary>
    public Task<bool> RemoveAsync(Digest digest, CancellationToken cancellationToken = default) =>
        ChangeAsync(entry => entry.Digest == digest, added: null, cancellationToken);

    // A layout whose index is gone is not a new one: an empty index would make all its blobs ones that nobody needs.
    internal async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(FilePath) && !_store.List().Any())
            await ChangeAsync(static _ => false, added: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes an index that cannot be read anew; what was there is moved away.</summary>
    internal async Task ReplaceAsync(IReadOnlyList<Descriptor> entries, CancellationToken cancellationToken)
    {
        FileStream held =
            await ExclusiveFile.OpenAsync(Path.Combine(_store.TemporaryFolder, "index.lock"), cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            byte[] bytes = DocumentWriter.WriteObject(writer =>
            {
                DocumentWriter.WriteHead(writer, MediaTypes.OciIndex);
                writer.WriteStartArray("manifests");
                foreach (Descriptor entry in entries)
                    DescriptorJson.Write(writer, entry);
                writer.WriteEndArray();
            });
            Parse(bytes);
            using (HostFolder root = HostFolder.Open(Path.Combine(_store.Root, ".")))
            using (HostFolder temporary = HostFolder.Open(_store.TemporaryFolder))
            {
                if (root.Find(BlobStore.IndexFile) is not null)
                    root.Rename(BlobStore.IndexFile, temporary, $"{BlobStore.IndexFile}.{Guid.NewGuid():N}");
            }

            _store.Replace(BlobStore.IndexFile, bytes);
        }
    }

    /// <summary>The entry for an image of this name, or of none.</summary>
    internal static Descriptor Entry(string? name, Descriptor image) => image with { Annotations = WithName(image, name) };

    private async Task<bool> ChangeAsync(Func<Descriptor, bool> isRemoved, Descriptor? added, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_store.TemporaryFolder);
        FileStream held =
            await ExclusiveFile.OpenAsync(Path.Combine(_store.TemporaryFolder, "index.lock"), cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            byte[]? bytes = ReadBytes();
            if (bytes is not null)
                Parse(bytes);
            else if (_store.List().Any())
                throw Missing();
            bool hasRemoved = Rewrite(bytes ?? "{}"u8.ToArray(), isRemoved, added, out byte[] changed);

            // One entry too many would leave an index that nobody here reads again.
            if (added is not null)
                Parse(changed);
            if (bytes is null || !changed.AsSpan().SequenceEqual(bytes))
                _store.Replace(BlobStore.IndexFile, changed);
            return hasRemoved;
        }
    }

    // Everything that other tools keep in the index stays as they wrote it.
    private bool Rewrite(byte[] bytes, Func<Descriptor, bool> isRemoved, Descriptor? added, out byte[] changed)
    {
        JsonDocumentReader reader = new(FilePath);
        using JsonDocument json = reader.Open(bytes, ImageDocument.LimitBytes);
        JsonElement root = json.RootElement;
        bool hasRemoved = false;
        changed = DocumentWriter.WriteObject(writer =>
        {
            DocumentWriter.WriteHead(writer, MediaTypes.OciIndex);
            writer.WriteStartArray("manifests");
            if (root.TryGetProperty("manifests", out JsonElement entries))
            {
                foreach (JsonElement entry in entries.EnumerateArray())
                {
                    if (isRemoved(reader.ReadDescriptor(entry)))
                        hasRemoved = true;
                    else
                        entry.WriteTo(writer);
                }
            }

            if (added is not null)
                DescriptorJson.Write(writer, added);
            writer.WriteEndArray();
            DocumentWriter.CopyProperties(writer, root, static property => property.Name is "schemaVersion" or "mediaType" or "manifests");
        });
        return hasRemoved;
    }

    private byte[]? ReadBytes()
    {
        try
        {
            using FileStream file = PlainFile.OpenRead(FilePath);
            return DocumentBytes.Read(file, FilePath, ImageDocument.LimitBytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private BlobStoreException Missing() =>
        new(BlobStoreFailure.NotALayout,
            $"'{_store.Root}' has no '{BlobStore.IndexFile}'.")
        { Remedy = "Repair it, or fetch its images again into another." };

    private ImageIndex Parse(byte[] bytes) =>
        ImageDocument.Parse(new RawManifest(MediaTypes.OciIndex, ContentHash.Of(bytes), bytes)) as ImageIndex
            ?? throw new ManifestException(ManifestFailure.WrongType, FilePath, "it is no index");

    private static Dictionary<string, string> WithName(Descriptor image, string? name)
    {
        Dictionary<string, string> annotations = new(image.Annotations, StringComparer.Ordinal);
        annotations.Remove(NameAnnotation);
        if (name is not null)
            annotations.Add(NameAnnotation, name);
        return annotations;
    }
}
