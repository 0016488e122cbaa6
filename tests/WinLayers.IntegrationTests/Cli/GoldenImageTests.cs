using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>
/// The recorded layers (tests/WinLayers.Tests/golden) as images, unpacked by the command: layer.jsonl says what the reference gave to
/// Windows. It is read as plain JSON, without the library.
/// </summary>
public sealed class GoldenImageTests : IDisposable
{
    // What the reference leaks for a missing time; here it is the modification time (golden/README.md).
    private const long LeakedTicks = 48_491_090_211_286_549;

    private readonly TemporaryFolder _folder = new();

    private static string Golden { get; } = Path.Combine(RepositoryAbove(AppContext.BaseDirectory), "tests", "golden");

    public static TheoryData<string> Refused => [.. Cases(isRefused: true)];

    public static TheoryData<string> Accepted => [.. Cases(isRefused: false)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task Unpack_RecordedLayer_CarriesTheRecordedMetadata(string name)
    {
        JsonNode expected = Expected(name);
        string image = ImageOf(name, expected).WriteTo(_folder["layout"]);

        CommandResult unpacked = await WinLayersCommand.RunAsync("unpack", image, "--store", _folder["store"], "--quiet");

        var index = new RawIndex(Path.Combine(unpacked.ShouldSucceed().OutputLines[0], "layer.jsonl"));
        if (expected["entries"] is JsonArray entries)
            Assert.All(entries, entry => AssertSame(entry!, index));
        else
            AssertStaged(expected, index);
        foreach (JsonNode? link in expected["links"] as JsonArray ?? [])
            Assert.Equal((string?)link!["target"], (string?)index.Last((string)link["path"]!)["target"]);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Unpack_RefusedLayer_IsOneLineAndAnUnchangedStore(string name)
    {
        JsonNode expected = Expected(name);
        TarImage below = ImageOf(name, expected, withItself: false);
        if (Parents(expected).Any())
            (await WinLayersCommand.RunAsync("unpack", below.WriteTo(_folder["below"]), "--store", _folder["store"])).ShouldSucceed();
        string before = Snapshot();

        CommandResult unpacked =
            await WinLayersCommand.RunAsync("unpack", ImageOf(name, expected).WriteTo(_folder["layout"]), "--store", _folder["store"]);

        Assert.Matches(@"\[WCL2[0-9]{3}\]", unpacked.ShouldFail());
        Assert.Equal(before, Snapshot());
    }

    private static IEnumerable<string> Cases(bool isRefused) => Directory.GetDirectories(Golden)
        .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)
            .Where(name => (bool)Expected(name)["refused"]! == isRefused);

    private static JsonNode Expected(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Golden, name, "expected.json")))!;

    private static IEnumerable<string> Parents(JsonNode expected) =>
        (expected["parents"] as JsonArray ?? []).Select(parent => (string)parent!);

    private static TarImage ImageOf(string name, JsonNode expected, bool withItself = true)
    {
        var image = new TarImage();
        foreach (string layer in Parents(expected).Reverse().Concat(withItself ? [name] : []))
            image.Layer(File.ReadAllBytes(Path.Combine(Golden, layer, "layer.tar")));
        return image;
    }

    private static string RepositoryAbove(string folder) =>
        File.Exists(Path.Combine(folder, "WinLayers.slnx")) ? folder : RepositoryAbove(Path.GetDirectoryName(folder)!);

    // Layers, what is kept of them, and images. Blobs that are whole may stay for the next run.
    private string Snapshot() => string.Join('\n', new[] { "layers", "images", "tmp" }
        .Select(part => Path.Combine(_folder["store"], part)).Where(Directory.Exists)
        .SelectMany(part => Directory.EnumerateFileSystemEntries(part, "*", SearchOption.AllDirectories))
        .Where(path =>
            !path.Contains("locks", StringComparison.Ordinal) && !path.EndsWith(".lock", StringComparison.Ordinal)
            && Path.GetFileName(path) is not ("blobs" or "leases"))
        .Select(path => $"{path} {(File.Exists(path) ? new FileInfo(path).Length : -1)}").Order(StringComparer.Ordinal));

    private static void AssertSame(JsonNode entry, RawIndex index)
    {
        JsonNode line = index.Last((string)entry["path"]!);
        Assert.Equal((bool)entry["directory"]! ? "directory" : "file", (string?)line["kind"]);
        Assert.Equal((uint)entry["attributes"]!, (uint)line["attributes"]!);
        AssertTimes(entry["times"]!, line);
        AssertRecords(entry["records"]!.AsArray().Select(Record.Of!), line, index);
    }

    private static void AssertStaged(JsonNode expected, RawIndex index)
    {
        const string marker = ".$wcidirs$";
        foreach ((string staged, JsonNode? file) in expected["staging"]!["files"]!.AsObject())
        {
            bool isDirectory = staged.EndsWith(marker, StringComparison.Ordinal);
            JsonNode line = index.Last(isDirectory ? staged[..^marker.Length] : staged);
            Assert.Equal(isDirectory ? "directory" : "file", (string?)line["kind"]);
            if (staged.StartsWith("Hives\\", StringComparison.Ordinal))
                Assert.Equal((string?)file!["sha256"], (string?)line["sha256"]);
            else if (file!["base64"] is { } bytes)
                AssertFramed(Convert.FromBase64String((string)bytes!), line, index);
            if (expected["stagedFileTimes"]?[staged] is { } times)
                AssertTimes(times, line);
        }

        JsonArray after = expected["afterImport"] as JsonArray ?? [];
        HashSet<string> links = [.. after.Where(step => (string?)step!["op"] is "link").Select(step => (string)step!["path"]!)];
        foreach (JsonNode? step in after)
        {
            // What the reference removes to make room for a link is the link's line here.
            if ((string?)step!["op"] is "link")
                Assert.Equal((string?)step["target"], (string?)index.Last((string)step["path"]!)["target"]);
            else if ((string?)step["op"] is "remove" && !links.Contains((string)step["path"]!))
                Assert.Contains(index.Lines, line => (string?)line["path"] == (string?)step["path"] && (string?)line["kind"] == "removed");
        }
    }

    private static void AssertFramed(byte[] framed, JsonNode line, RawIndex index)
    {
        Assert.Equal(BitConverter.ToUInt32(framed), (uint)line["attributes"]!);
        var records = new List<Record>();
        var reader = new BackupStreamReader(new MemoryStream(framed, 4, framed.Length - 4));
        while (reader.ReadNext() is { } record)
        {
            using var data = new MemoryStream();
            record.Body.CopyTo(data);
            records.Add(new Record((int)record.Kind, record.AlternateName, data.Length,
                Convert.ToHexStringLower(SHA256.HashData(data.ToArray())), data.ToArray()));
        }

        AssertRecords(records, line, index);
    }

    private static void AssertTimes(JsonNode expected, JsonNode line)
    {
        foreach (string time in new[] { "creation", "access", "write", "change" })
        {
            if (expected[time] is not { } ticks)
                continue;
            long recorded = (long)ticks == LeakedTicks ? (long)expected["write"]! : (long)ticks;
            Assert.Equal(recorded, (long)(line[time] ?? 0)!);
        }
    }

    private static void AssertRecords(IEnumerable<Record> recorded, JsonNode line, RawIndex index)
    {
        Dictionary<string, string> streams =
            (line["streams"] as JsonArray ?? [])
            .ToDictionary(stream => (string)stream!["name"]!, stream => $"{stream!["size"]} {stream["sha256"]}", StringComparer.Ordinal);
        var unseen = new HashSet<string>(["sd", "ea", "reparse"], StringComparer.Ordinal);
        foreach (Record record in recorded)
        {
            switch (record.Id)
            {
                case 1:
                    Assert.Equal($"{record.Size} {record.Sha256}", $"{line["size"]} {line["sha256"]}");
                    break;
                case 2:
                    unseen.Remove("ea");
                    AssertSameAttributes(record.Data, index.ValueOf("ea", line));
                    break;
                case 3:
                    unseen.Remove("sd");
                    Assert.Equal(record.Data, index.ValueOf("sd", line));
                    break;
                case 4:
                    Assert.True(streams.Remove(record.Name!.Replace(":$DATA", "", StringComparison.Ordinal).Trim(':'), out string? stream),
                        record.Name);
                    Assert.Equal($"{record.Size} {record.Sha256}", stream);
                    break;
                case 8:
                    unseen.Remove("reparse");
                    Assert.Equal(record.Data, index.ValueOf("reparse", line));
                    break;
                default:
                    Assert.Fail($"record {record.Id} is not expected");
                    break;
            }
        }

        Assert.Empty(streams);
        Assert.All(unseen, name => Assert.Null(line[name]));
    }

    // Several are in an order of their own here, and in none there.
    private static void AssertSameAttributes(byte[] expected, byte[] actual) => Assert.Equal(
        ExtendedAttributes.FromList(expected).Items.OrderBy(item => item.Name, StringComparer.Ordinal),
        ExtendedAttributes.FromList(actual).Items.OrderBy(item => item.Name, StringComparer.Ordinal));

    private sealed record Record(int Id, string? Name, long Size, string Sha256, byte[] Data)
    {
        public static Record Of(JsonNode record) => new(
            (int)record["id"]!, (string?)record["name"], (long)record["size"]!, (string)record["sha256"]!,
                Convert.FromBase64String((string?)record["base64"] ?? ""));
    }

    private sealed class RawIndex
    {
        private readonly Dictionary<(string Kind, int Number), byte[]> _values = [];

        public RawIndex(string file)
        {
            foreach (JsonNode line in File.ReadLines(file).Select(line => JsonNode.Parse(line)!))
            {
                if (line["value"] is { } value)
                {
                    string kind = line.AsObject().First(property => property.Key != "value").Key;
                    _values.Add((kind, (int)line[kind]!), Convert.FromBase64String((string)value!));
                }
                else if (line["path"] is not null)
                    Lines.Add(line);
            }
        }

        public List<JsonNode> Lines { get; } = [];

        /// <summary>What an entry has of a kind: the value of the number in its line.</summary>
        public byte[] ValueOf(string kind, JsonNode line) => _values[(kind, (int)line[kind]!)];

        /// <summary>What is said last of a name, whatever its letter case.</summary>
        public JsonNode Last(string path) =>
            Lines.Last(line => string.Equals((string?)line["path"], path, StringComparison.OrdinalIgnoreCase));
    }
}
