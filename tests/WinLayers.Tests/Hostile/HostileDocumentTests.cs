using System.Text;
using System.Text.Json.Nodes;
using WinLayers.Formats;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>Manifests, indexes and configurations that lie, and documents that are none.</summary>
public sealed class HostileDocumentTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private const string Malformed = "WCL7001";
    private const string WrongType = "WCL7002";
    private const string TooLarge = "WCL7003";
    private const string LayerCount = "WCL7004";
    private const string OtherDigest = "WCL3001";
    private const string OtherSize = "WCL3002";
    private const string NoRoom = "WCL5021";

    private static readonly byte[] Tar = Testing.LayerTar.New().Directory("Files").File("Files/document.txt", "1").ToArray();
    private static readonly byte[] Layer = TestBytes.Compress(Tar);
    private static readonly byte[] Config = ImageFixture.Config([Tar]);
    private static readonly Dictionary<string, (string Code, CorpusImage Image)> Cases =
        Manifests().Concat(Jsons()).Concat(Configs()).Concat(Indexes()).Concat(Contents())
            .ToDictionary(one => one.Name, one => (one.Code, one.Image), StringComparer.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task HostileDocument_IsRefusedByEveryOperation_AndNothingIsTouched(string name)
    {
        (string code, CorpusImage image) = Cases[name];
        string before = bed.Snapshot();

        HostileRun.AssertIs(code, await Record.ExceptionAsync(() => bed.UnpackAsync(image)));
        foreach (bool allPlatforms in new[] { false, true })
        {
            // A copy looks at less, DiffIDs not at all: what it passes on, whoever unpacks it refuses.
            string layout = Path.Combine(bed.Work, "copy");
            try
            {
                await using OciLayoutTarget target = await OciLayoutTarget.OpenAsync(LayoutReference.Parse($"oci:{layout}:x"), Token);
                await ImageCopier.CopyAsync(image, target, new CopyOptions { AllPlatforms = allPlatforms }, progress: null, Token);
                Assert.True(allPlatforms || name == "DiffID of another tar", "The image was copied.");
            }
            catch (WinLayersException refused)
            {
                HostileRun.AssertIs(code, refused);
            }
            finally
            {
                Directory.Delete(layout, recursive: true);
            }
        }

        // Partial blobs too: the next case would go on from good bytes, rightly, and not meet its own bad ones.
        bed.ForgetPartialBlobs();
        Assert.Equal(before, bed.Snapshot());
    }

    private static IEnumerable<(string Name, string Code, CorpusImage Image)> Manifests()
    {
        foreach (string digest in new[]
        {
            "sha256:../../x", "sha256:../../../../../../etc/passwd", "sha256:" + new string('A', 64), "SHA256:" + new string('a', 64),
                "sha256:" + new string('a', 63),
            "sha256:" + new string('a', 65), "sha256:" + new string('g', 64), "sha512:" + new string('a', 64),
                "md5:" + new string('a', 32), "sha384:" + new string('a', 96),
            "sha256:", ":", "", "sha256", "sha256+b64:" + new string('a', 64), " sha256:" + new string('a', 64),
                "sha256:" + new string('a', 64) + "\n", "sha256:%2e%2e/" + new string('a', 57),
            "sha256:" + new string('\uff41', 64), "/etc/passwd", "C:\\Windows\\x", "sha256:" + new string('a', 62) + "..",
        })
        {
            yield return ($"layer's digest '{Shown(digest)}'", Malformed, Manifest(json => json["layers"]![0]!["digest"] = digest));
            yield return ($"configuration's digest '{Shown(digest)}'", Malformed, Manifest(json => json["config"]!["digest"] = digest));
        }

        foreach (string size in new[] { "-1", "1.5", "1e3", "9223372036854775808", "\"12\"", "null", "true", "[]" })
            yield return ($"layer's size {size}", Malformed, Manifest(json => json["layers"]![0]!["size"] = JsonNode.Parse(size)));
        yield return ("both manifests and layers", Malformed, Manifest(json => json["manifests"] = new JsonArray()));
        yield return ("manifest with manifests alone", Malformed, Manifest(json =>
        {
            json.Remove("layers");
            json.Remove("config");
            json["manifests"] = new JsonArray();
        }));
        yield return ("index with layers", Malformed, CorpusImage.OfDocument(Bytes(Json(MediaTypes.OciIndex)), MediaTypes.OciIndex));
        yield return ("Layers beside layers", Malformed, Manifest(json => json["Layers"] = new JsonArray()));
        yield return ("Config beside config", Malformed, Manifest(json => json["CONFIG"] = new JsonObject()));
        yield return ("Digest beside digest", Malformed, Manifest(json => json["layers"]![0]!["Digest"] = "sha256:" + new string('a', 64)));
        yield return ("no layers", Malformed, Manifest(json => json.Remove("layers")));
        yield return ("no config", Malformed, Manifest(json => json.Remove("config")));
        yield return ("layers that are an object", Malformed, Manifest(json => json["layers"] = new JsonObject()));
        yield return ("layers of text", Malformed, Manifest(json => json["layers"] = new JsonArray("x")));
        yield return ("layer without a type", Malformed, Manifest(json => ((JsonObject)json["layers"]![0]!).Remove("mediaType")));
        yield return ("schema version 1", Malformed, Manifest(json => json["schemaVersion"] = 1));
        yield return ("no schema version", Malformed, Manifest(json => json.Remove("schemaVersion")));
        yield return ("schema version in text", Malformed, Manifest(json => json["schemaVersion"] = "2"));
        yield return ("urls that are text", Malformed, Manifest(json => json["layers"]![0]!["urls"] = "http://localhost/"));
        yield return ("type that differs from the server's", WrongType, Manifest(json => json["mediaType"] = MediaTypes.DockerManifest));
        yield return ("type with a line break", WrongType, Manifest(json => json["mediaType"] = "x\r\nwinlayers: done\u001b[2J"));
        yield return ("schema 1 manifest", WrongType,
            CorpusImage.OfDocument(Bytes(Json()), "application/vnd.docker.distribution.manifest.v1+prettyjws"));
        yield return ("page of HTML", WrongType + "|" + Malformed, CorpusImage.OfDocument("<html></html>"u8.ToArray(), "text/html"));
        yield return ("configuration of another kind", WrongType,
            Manifest(json => json["config"]!["mediaType"] = "application/vnd.cncf.helm.config.v1+json"));
        yield return ("one layer too many", LayerCount,
            Manifest(json => ((JsonArray)json["layers"]!).Add(ImageFixture.Descriptor(MediaTypes.OciLayerGZip, Layer))));
        yield return ("layer that fits on no disk", $"{OtherSize}|{NoRoom}", Manifest(json => json["layers"]![0]!["size"] = 1L << 62));
        yield return ("no layer for the DiffID", LayerCount, Manifest(json => json["layers"] = new JsonArray()));
    }

    private static IEnumerable<(string Name, string Code, CorpusImage Image)> Jsons()
    {
        string text = Json().ToJsonString();
        foreach ((string name, string json) in new[]
        {
            ("nothing", ""), ("null", "null"), ("a list", "[]"), ("a number", "2"), ("text", "\"x\""), ("a comment", "/* */" + text),
                ("trailing comma", text[..^1] + ",}"),
            ("two documents", text + text), ("text behind", text + "x"), ("a byte order mark", "\ufeff" + text),
                ("key twice", text[..^1] + ",\"layers\":[]}"), ("single quotes", text.Replace('"', '\'')),
            ("half a surrogate pair", text[..^1] + ",\"x\":\"\\ud800\"}"),
                ("65 levels", text[..^1] + ",\"x\":" + new string('[', 65) + new string(']', 65) + "}"),
            ("100,000 levels", text[..^1] + ",\"x\":" + new string('[', 100_000) + new string(']', 100_000) + "}"),
                ("cut short", text[..(text.Length / 2)]), ("NaN", text[..^1] + ",\"x\":NaN}"),
        })
        {
            yield return ($"manifest of {name}", Malformed,
                CorpusImage.OfDocument(Encoding.UTF8.GetBytes(json), MediaTypes.OciManifest, Config, Layer));
        }

        yield return ("manifest of bytes that are no UTF-8", Malformed,
            CorpusImage.OfDocument([.. Encoding.UTF8.GetBytes(text[..^1]), .. ",\"x\":\""u8, 0xff, .. "\"}"u8], MediaTypes.OciManifest,
            Config, Layer));
        yield return ("manifest over four megabytes", TooLarge,
            CorpusImage.OfDocument([.. Encoding.UTF8.GetBytes(text), .. Enumerable.Repeat((byte)' ', 4 << 20)], MediaTypes.OciManifest,
            Config, Layer));
    }

    private static IEnumerable<(string Name, string Code, CorpusImage Image)> Configs()
    {
        CorpusImage Of(Action<JsonObject> change)
        {
            var config = (JsonObject)JsonNode.Parse(Config)!;
            change(config);
            return OfBytes(Bytes(config));
        }

        CorpusImage OfBytes(byte[] config) =>
            Manifest(json => json["config"] = ImageFixture.Descriptor(MediaTypes.OciConfig, config), config);

        yield return ("configuration without rootfs", Malformed, Of(config => config.Remove("rootfs")));
        yield return ("configuration without DiffIDs", LayerCount + "|" + Malformed,
            Of(config => ((JsonObject)config["rootfs"]!).Remove("diff_ids")));
        yield return ("configuration of other layers", LayerCount, Of(config => config["rootfs"]!["diff_ids"] = new JsonArray()));
        yield return ("DiffID that climbs", Malformed, Of(config => config["rootfs"]!["diff_ids"] = new JsonArray("sha256:../../x")));
        yield return ("DiffID that is a number", Malformed, Of(config => config["rootfs"]!["diff_ids"] = new JsonArray(1)));
        yield return ("DiffID of another tar", OtherDigest,
            Of(config => config["rootfs"]!["diff_ids"] = new JsonArray("sha256:" + new string('a', 64))));
        yield return ("configuration that is no JSON", Malformed, OfBytes("evil"u8.ToArray()));
        yield return ("configuration of 65 levels", Malformed, OfBytes(Encoding.UTF8.GetBytes(new string('[', 65) + new string(']', 65))));
        yield return ("configuration over eight megabytes", TooLarge, OfBytes([.. Config, .. Enumerable.Repeat((byte)' ', 8 << 20)]));
        yield return ("configuration whose size lies", OtherSize, Manifest(json => json["config"]!["size"] = Config.Length + 1));
        yield return ("configuration of a size that is too large", $"{TooLarge}|{OtherSize}|{NoRoom}",
            Manifest(json => json["config"]!["size"] = long.MaxValue));
    }

    private static IEnumerable<(string Name, string Code, CorpusImage Image)> Indexes()
    {
        CorpusImage Index(params JsonNode[] entries) => CorpusImage.OfDocument(
            Bytes(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray(entries) }),
                MediaTypes.OciIndex, Bytes(Json()), Config, Layer);

        JsonObject entry = ImageFixture.Descriptor(MediaTypes.OciManifest, Bytes(Json()));
        entry["platform"] = new JsonObject { ["os"] = "windows", ["architecture"] = "arm64", ["os.version"] = "10.0.20348.1" };
        yield return ("index whose platform lies", "WCL7010|" + Malformed, Index((JsonNode)entry.DeepClone()));
        JsonObject climbing = (JsonObject)entry.DeepClone();
        climbing["digest"] = "sha256:../../x";
        yield return ("index whose entry climbs", Malformed, Index(climbing));
        yield return ("index of nothing", "WCL7010", Index());
        JsonObject amd64 = (JsonObject)entry.DeepClone();
        amd64["platform"]!["architecture"] = "amd64";
        amd64["size"] = 3;
        yield return ("index whose entry's size lies", OtherSize + "|" + OtherDigest + "|" + Malformed, Index(amd64));
    }

    private static IEnumerable<(string Name, string Code, CorpusImage Image)> Contents()
    {
        byte[] flipped = [.. Layer];
        flipped[^20] ^= 1;
        yield return ("layer with a flipped byte", OtherDigest, Manifest(_ => { }).Replace(ImageFixture.DigestOf(Layer), flipped));
        yield return ("layer that ends early", OtherSize, Manifest(_ => { }).Replace(ImageFixture.DigestOf(Layer), Layer[..^1]));
        yield return ("layer that goes on", OtherSize, Manifest(_ => { }).Replace(ImageFixture.DigestOf(Layer), [.. Layer, 0]));
        yield return ("layer that is empty", OtherSize, Manifest(_ => { }).Replace(ImageFixture.DigestOf(Layer), []));
        yield return ("configuration that is another", OtherDigest + "|" + OtherSize,
            Manifest(_ => { }).Replace(ImageFixture.DigestOf(Config), [.. Config[..^1], (byte)' ']));
        yield return ("layer smaller than its manifest says", OtherSize, Manifest(json => json["layers"]![0]!["size"] = Layer.Length + 1));
        yield return ("layer larger than its manifest says", OtherSize, Manifest(json => json["layers"]![0]!["size"] = Layer.Length - 1));
    }

    private static JsonObject Json(string mediaType = MediaTypes.OciManifest) => new()
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = mediaType,
        ["config"] = ImageFixture.Descriptor(MediaTypes.OciConfig, Config),
        ["layers"] = new JsonArray(ImageFixture.Descriptor(MediaTypes.OciLayerGZip, Layer)),
    };

    private static CorpusImage Manifest(Action<JsonObject> change, params byte[][] blobs)
    {
        JsonObject json = Json();
        change(json);
        return CorpusImage.OfDocument(Bytes(json), MediaTypes.OciManifest, [Config, Layer, .. blobs]);
    }

    private static byte[] Bytes(JsonNode json) => ImageFixture.Bytes(json);

    private static string Shown(string text) =>
        string.Concat((text.Length > 30 ? $"{text[..20]}…{text[^3..]} ({text.Length})" : text).Select(c => char.IsControl(c) ? '?' : c));
}
