using System.Formats.Tar;
using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>
/// An OCI layout with images that differ in one file, for several platforms and under several names; made without any of our own code for
/// layouts and tars.
/// </summary>
internal sealed class TwinLayout
{
    /// <summary>The one file that differs.</summary>
    public const string File = "Files/what.txt";

    private readonly string _folder;
    private readonly Dictionary<string, string> _entries = new(StringComparer.Ordinal);

    public TwinLayout(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256"));
        System.IO.File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
    }

    /// <summary>Writes an image whose one file has this text, and gives its entry in an index.</summary>
    public Entry Image(string text, string osVersion = "10.0.20348.1", string os = "windows", string architecture = "amd64")
    {
        byte[] layer = Tar(text);
        string version = os == "windows" ? $$""","os.version":"{{osVersion}}" """ : "";
        string config = Blob(
            $$"""{"os":"{{os}}","architecture":"{{architecture}}"{{version}},"config":{},"rootfs":{"type":"layers","diff_ids":["{{ContentHash.Of(layer)}}"]} }""",
            MediaTypes.OciConfig);
        string manifest =
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{config}},"layers":[{{Write(layer, MediaTypes.OciLayer)}}]}""";
        string platform = $$""","platform":{"os":"{{os}}","architecture":"{{architecture}}"{{version}}}""";
        return new Entry(ContentHash.Of(Encoding.UTF8.GetBytes(manifest)), Blob(manifest, MediaTypes.OciManifest, platform));
    }

    /// <summary>Writes an index of images, and gives its entry.</summary>
    public Entry Index(params Entry[] images)
    {
        string index =
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{string.Join(',', images.Select(image => image.Json))}}]}""";
        return new Entry(ContentHash.Of(Encoding.UTF8.GetBytes(index)), Blob(index, MediaTypes.OciIndex));
    }

    /// <summary>Gives an image or index a name, or moves the name to it.</summary>
    public TwinLayout Name(string name, Entry entry)
    {
        _entries[name] = entry.Json[..^1] + $$""","annotations":{"org.opencontainers.image.ref.name":"{{name}}"} """ + "}";
        System.IO.File.WriteAllText(Path.Combine(_folder, "index.json"),
            $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', _entries.Values)}}]}""");
        return this;
    }

    private static byte[] Tar(string text)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "Files/") { ModificationTime = DateTimeOffset.UnixEpoch });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, File)
            {
                ModificationTime = DateTimeOffset.UnixEpoch,
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
            });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "Hives/") { ModificationTime = DateTimeOffset.UnixEpoch });
        }

        return bytes.ToArray();
    }

    private string Blob(string text, string mediaType, string more = "") => Write(Encoding.UTF8.GetBytes(text), mediaType, more);

    private string Write(byte[] bytes, string mediaType, string more = "")
    {
        System.IO.File.WriteAllBytes(Path.Combine(_folder, "blobs", "sha256", ContentHash.Of(bytes).Hex), bytes);
        return $$"""{"mediaType":"{{mediaType}}","digest":"{{ContentHash.Of(bytes)}}","size":{{bytes.Length}}{{more}}}""";
    }

    /// <summary>An entry of an index.</summary>
    internal sealed record Entry(Digest Digest, string Json);
}
