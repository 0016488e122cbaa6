using System.Formats.Tar;
using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>An image of plain tars in an OCI layout, made without any of our own code for either.</summary>
internal sealed class TarImage
{
    private readonly List<byte[]> _layers = [];

    /// <summary>
    /// Adds a layer: a directory where the name ends in a slash, a hard link where it holds <c>=&gt;</c>, else a small file.
    /// </summary>
    public TarImage Layer(params string[] names)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (string name in names)
            {
                string[] link = name.Split("=>");
                TarEntryType type = link.Length > 1 ? TarEntryType.HardLink : name.EndsWith('/') ? TarEntryType.Directory
                    : TarEntryType.RegularFile;
                var entry = new PaxTarEntry(type, link[0]);
                if (type is TarEntryType.HardLink)
                    entry.LinkName = link[1];
                if (type is TarEntryType.RegularFile && !name.Contains(".wh.", StringComparison.Ordinal))
                    entry.DataStream = new MemoryStream("text"u8.ToArray());
                tar.WriteEntry(entry);
            }
        }

        return Layer(bytes.ToArray());
    }

    /// <summary>Adds a layer as it is.</summary>
    public TarImage Layer(byte[] tar)
    {
        _layers.Add(tar);
        return this;
    }

    /// <summary>Writes the layout and gives the reference to the image.</summary>
    public string WriteTo(string folder, string? foreignUrl = null)
    {
        Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256"));
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        string diffIds = string.Join(',', _layers.Select(layer => $"\"{ContentHash.Of(layer)}\""));
        string config = Blob($$"""{"os":"windows","architecture":"amd64","os.version":"10.0.20348.1","config":{},"rootfs":{"type":"layers","diff_ids":[{{diffIds}}]} }""", MediaTypes.OciConfig);
        string layers = string.Join(',', _layers.Select((layer, i) => i == 0 && foreignUrl is not null
            ? Write(layer, "application/vnd.oci.image.layer.nondistributable.v1.tar", $",\"urls\":[\"{foreignUrl}\"]")
            : Write(layer, "application/vnd.oci.image.layer.v1.tar")));
        string manifest = Blob($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{config}},"layers":[{{layers}}]}""", MediaTypes.OciManifest);
        File.WriteAllText(Path.Combine(folder, "index.json"), $$"""{"schemaVersion":2,"manifests":[{{manifest}}]}""");
        return $"oci:{folder}";

        string Blob(string text, string mediaType) => Write(Encoding.UTF8.GetBytes(text), mediaType);

        string Write(byte[] bytes, string mediaType, string more = "")
        {
            File.WriteAllBytes(Path.Combine(folder, "blobs", "sha256", ContentHash.Of(bytes).Hex), bytes);
            return $$"""{"mediaType":"{{mediaType}}","digest":"{{ContentHash.Of(bytes)}}","size":{{bytes.Length}}{{more}}}""";
        }
    }
}
