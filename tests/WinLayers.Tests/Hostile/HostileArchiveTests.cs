using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using WinLayers.Oci;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>Docker archives and OCI layouts that lead elsewhere, lie about what they hold, or are damaged.</summary>
public sealed class HostileArchiveTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private const string Malformed = "WCL7021";

    private static readonly byte[] Tar = LayerTar.New().Directory("Files").File("Files/archive.txt", "1").ToArray();
    private static readonly byte[] Config = ImageFixture.Config([Tar]);
    private static readonly Dictionary<string, (string Code, byte[] Archive)> Archives =
        AllArchives().ToDictionary(one => one.Name, one => (one.Code, one.Archive), StringComparer.Ordinal);
    private static readonly Dictionary<string, (string Code, Action<string> Make)> Layouts =
        AllLayouts().ToDictionary(one => one.Name, one => (one.Code, one.Make), StringComparer.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> ArchiveNames => [.. Archives.Keys];

    public static TheoryData<string> LayoutNames => [.. Layouts.Keys];

    [Theory]
    [MemberData(nameof(ArchiveNames))]
    public async Task HostileArchive_IsRefused_AndNothingIsTouched(string name)
    {
        (string code, byte[] archive) = Archives[name];
        string file = Path.Combine(bed.Work, "image.tar");
        await File.WriteAllBytesAsync(file, archive, Token);
        await AssertRefusedAsync(code, $"docker-archive:{file}");
        File.Delete(file);
    }

    [Theory]
    [MemberData(nameof(LayoutNames))]
    public async Task HostileLayout_IsRefused_AndNothingIsTouched(string name)
    {
        (string code, Action<string> make) = Layouts[name];
        string folder = Path.Combine(bed.Work, "layout");
        Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256"));
        make(folder);
        await AssertRefusedAsync(code, $"oci:{folder}");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(LayoutNames))]
    public async Task HostileLayout_PackedAsATar_IsRefused_AndNothingIsTouched(string name)
    {
        (string code, Action<string> make) = Layouts[name];
        string folder = Path.Combine(bed.Work, "layout"), file = Path.Combine(bed.Work, "layout.tar");
        Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256"));
        make(folder);
        await TarFile.CreateFromDirectoryAsync(folder, file, includeBaseDirectory: false, Token);
        Directory.Delete(folder, recursive: true);
        await AssertRefusedAsync($"{code}|{Malformed}|WCL7022", $"oci-archive:{file}");
        File.Delete(file);
    }

    private async Task AssertRefusedAsync(string code, string reference)
    {
        string before = bed.Snapshot();
        HostileRun.AssertIs(code, await Record.ExceptionAsync(async () =>
        {
            await using IImageSource source = await ImageTransports.Standard().OpenAsync(reference, Token);
            await bed.UnpackAsync(source);
        }));
        bed.ForgetBlobs();
        Assert.Equal(before, bed.Snapshot());
    }

    private static IEnumerable<(string Name, string Code, byte[] Archive)> AllArchives()
    {
        foreach (string name in new[] { "../../etc/passwd", "/etc/passwd", "missing.tar", "../layer.tar", "a/../../layer.tar", "folder",
            "..\\layer.tar", "C:\\layer.tar", "", ".", "layer.tar\0" })
        {
            yield return ($"layer '{name.Replace('\0', '?')}'", Malformed, Archive(Listing(layer: name)));
            yield return ($"configuration '{name.Replace('\0', '?')}'", Malformed, Archive(Listing(config: name)));
        }

        yield return ("layer's name with a half surrogate pair", "WCL7001",
            Archive(Encoding.UTF8.GetBytes("[{\"Config\":\"c.json\",\"Layers\":[\"\\ud800\"]}]")));
        foreach (string target in new[] { "/etc/passwd", "../../../etc/passwd", "nowhere", "link", "folder" })
        {
            yield return ($"layer that is a symbolic link to {target}", Malformed,
                Archive(Listing(layer: "link"), LayerTar.New().Directory("folder").SymbolicLink("link", target)));
            yield return ($"layer that is a hard link to {target}", Malformed,
                Archive(Listing(layer: "link"), LayerTar.New().Directory("folder").HardLink("link", target)));
        }

        yield return ("links in a circle", Malformed,
            Archive(Listing(layer: "1"), LayerTar.New().SymbolicLink("1", "2").SymbolicLink("2", "1")));
        yield return ("layer that is a device", Malformed,
            Archive(Listing(layer: "device"), LayerTar.New().Add(new TarSpec { Name = "device", Type = '3' })));
        yield return ("layer twice", Malformed, Archive(Listing(), LayerTar.New().File("layer.tar", "another")));
        yield return ("name that climbs, of a file that nobody asks for", Malformed,
            Archive(Listing(), LayerTar.New().File("../evil", "evil")));
        yield return ("sparse layer", Malformed,
            Archive(Listing(layer: "s"), LayerTar.New().Add(new TarSpec { Name = "s", Type = 'S', Magic = "ustar  \0" })));
        yield return ("layer that is text", Malformed, Archive(Listing(layer: "t"), LayerTar.New().File("t", "This is no layer.")));
        yield return ("layer that is another", "WCL3001", Archive(Listing(layer: "o"), LayerTar.New().File("o", CorpusBed.BaseTar)));
        yield return ("no manifest.json", Malformed, LayerTar.New().File("c.json", Config).File("layer.tar", Tar).ToArray());
        yield return ("manifest.json that is a folder", Malformed, LayerTar.New().Directory("manifest.json").ToArray());
        yield return ("empty archive", Malformed, LayerTar.New().ToArray());
        yield return ("no tar", Malformed + "|WCL2101|WCL2102", "This is no archive, whatever its name says."u8.ToArray());
        yield return ("no bytes", Malformed + "|WCL2101", []);
        foreach (string listing in new[] { "{}", "[]", "[1]", "[{}]", "null", "evil", "[{\"Config\":\"c.json\",\"Layers\":[1]}]",
            "[{\"Config\":1,\"Layers\":[]}]", "[{\"Config\":\"c.json\",\"Layers\":[]}]", "[{\"Config\":\"c.json\"}]",
            new string('[', 100) + new string(']', 100) })
            yield return ($"listing {(listing.Length > 50 ? "of 100 levels" : listing)}", Malformed + "|WCL7001|WCL7004|WCL7022",
                Archive(Encoding.UTF8.GetBytes(listing)));
        byte[] whole = Archive(Listing());
        foreach (int length in Enumerable.Range(1, 12).Select(i => (i * (whole.Length - 1024) / 13) | 1))
            yield return ($"cut to {length} of {whole.Length} bytes", Malformed + "|WCL2101", whole[..length]);
    }

    private static IEnumerable<(string Name, string Code, Action<string> Make)> AllLayouts()
    {
        byte[] blob = TestBytes.Compress(Tar);
        byte[] manifest = ImageFixture.Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = ImageFixture.Descriptor(MediaTypes.OciConfig, Config),
            ["layers"] = new JsonArray(ImageFixture.Descriptor(MediaTypes.OciLayerGZip, blob)),
        });
        static string PathOf(string folder, byte[] bytes) => Path.Combine(folder, "blobs", "sha256", ImageFixture.DigestOf(bytes).Hex);
        void Write(string folder, Action<JsonObject>? change = null)
        {
            File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
            var index = new JsonObject
            {
                ["schemaVersion"] = 2,
                ["manifests"] = new JsonArray(ImageFixture.Descriptor(MediaTypes.OciManifest, manifest))
            };
            change?.Invoke(index);
            File.WriteAllBytes(Path.Combine(folder, "index.json"), ImageFixture.Bytes(index));
            foreach (byte[] bytes in new[] { manifest, Config, blob })
                File.WriteAllBytes(PathOf(folder, bytes), bytes);
        }

        foreach (string digest in new[] { "sha256:../../x", "sha256:../../../../../../etc/passwd", "sha256:" + new string('a', 63) + "/",
            "md5:" + new string('a', 32), "sha512:../x" })
            yield return ($"index names {digest}", "WCL7001|WCL5001",
                folder => Write(folder, index => index["manifests"]![0]!["digest"] = digest));
        yield return ("index with layers", "WCL7001|WCL5001",
            folder => Write(folder, index => (index["layers"], index["config"]) = (new JsonArray(), new JsonObject())));
        yield return ("index that is no JSON", "WCL7001|WCL5001", folder =>
        {
            Write(folder);
            File.WriteAllText(Path.Combine(folder, "index.json"), "evil");
        }
        );
        foreach (long size in new[] { 0, 1, 1L << 62 })
            yield return ($"index gives its image {size} bytes", "WCL3002",
                folder => Write(folder, index => index["manifests"]![0]!["size"] = size));
        foreach (string type in new[] { MediaTypes.OciIndex, MediaTypes.DockerManifest, "text/plain" })
            yield return ($"index calls its image {type}", "WCL7002",
                folder => Write(folder, index => index["manifests"]![0]!["mediaType"] = type));
        yield return ("index of nothing", "WCL5004|WCL7010|WCL5005",
            folder => Write(folder, index => index["manifests"] = new JsonArray()));
        yield return ("no layout", "WCL5001", _ => { });
        yield return ("layout of another version", "WCL5001", folder =>
        {
            Write(folder);
            File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"9.0.0"}""");
        }
        );
        foreach ((string what, byte[] bytes) in new[] { ("manifest", manifest), ("configuration", Config), ("layer", blob) })
        {
            yield return ($"{what} that is missing", "WCL5002|WCL7005", folder =>
            {
                Write(folder);
                File.Delete(PathOf(folder, bytes));
            }
            );
            yield return ($"{what} with a flipped byte", "WCL3001", folder =>
            {
                Write(folder);
                byte[] flipped = [.. bytes];
                flipped[^9] ^= 1;
                File.WriteAllBytes(PathOf(folder, bytes), flipped);
            }
            );
            yield return ($"{what} that is empty", "WCL3002|WCL3001", folder =>
            {
                Write(folder);
                File.WriteAllBytes(PathOf(folder, bytes), []);
            }
            );
            yield return ($"{what} that is a folder", "WCL5003|WCL5002", folder =>
            {
                Write(folder);
                File.Delete(PathOf(folder, bytes));
                Directory.CreateDirectory(PathOf(folder, bytes));
            }
            );
            if (OperatingSystem.IsWindows())
                continue;
            yield return ($"{what} that is a link to a device", "WCL5003", folder =>
            {
                Write(folder);
                File.Delete(PathOf(folder, bytes));
                File.CreateSymbolicLink(PathOf(folder, bytes), "/dev/zero");
            }
            );
        }
    }

    private static byte[] Archive(byte[] listing, LayerTar? more = null)
    {
        LayerTar tar = LayerTar.New().File("c.json", Config).File("layer.tar", Tar).File("manifest.json", listing);
        return [.. tar.ToUnfinished(), .. (more ?? LayerTar.New()).ToArray()];
    }

    private static byte[] Listing(string config = "c.json", string layer = "layer.tar") =>
        ImageFixture.Bytes(new JsonArray(new JsonObject { ["Config"] = config, ["RepoTags"] = null, ["Layers"] = new JsonArray(layer) }));
}
