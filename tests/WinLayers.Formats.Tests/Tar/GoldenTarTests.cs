using System.Text.Json.Nodes;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>Reads every recorded layer and compares what the tar says with what the reference implementation made of it.</summary>
public sealed class GoldenTarTests
{
    // What the reference leaks where a tar has no access or change time; here it is the write time.
    private const long LeakedTicks = 48_491_090_211_286_549;

    // Refusals that the tar alone shows. The others need the layer, its parents or its kind.
    private static readonly Dictionary<string, LayerRule> RefusedByReading = new(StringComparer.Ordinal)
    {
        ["base-err-bad-attr"] = TarRules.Attributes,
        ["base-err-bad-rawsd"] = TarRules.Base64,
        ["base-err-stray-stream"] = NameRules.Colon,
        ["base-err-traversal"] = NameRules.Traversal,
        ["diff-err-absolute"] = NameRules.Rooted,
        ["diff-err-drive"] = NameRules.Colon,
        ["diff-err-traversal"] = NameRules.Traversal,
    };

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(GoldenFolder).Select(folder => Path.GetFileName(folder))];

    private static string GoldenFolder => Path.Combine(AppContext.BaseDirectory, "golden");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_RecordedLayer_IsReadOrRefusedAsTheReferenceDid(string name)
    {
        using FileStream tar = Open(name);
        using LayerTarReader reader = new(tar);
        if (RefusedByReading.TryGetValue(name, out LayerRule? rule))
        {
            LayerRefusedException refusal = Assert.Throws<LayerRefusedException>(() => reader.ReadAll());
            Assert.Same(rule, refusal.Rule);
            Assert.NotNull(refusal.EntryName);
            Assert.NotNull(refusal.TarOffset);
            return;
        }

        Assert.NotEmpty(reader.ReadAll());
        Assert.Equal(tar.Length, reader.Position);
        Assert.False(reader.HasTrailingData);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_RecordedBaseLayer_HasTheMetadataAndContentTheReferenceWrote(string name)
    {
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenFolder, name, "expected.json")))!;
        if (expected["entries"] is not JsonArray entries || expected["refused"]!.GetValue<bool>())
            return;
        using FileStream tar = Open(name);
        using LayerTarReader reader = new(tar);
        List<ReadEntry> nodes = [.. reader.ReadAll().Where(seen => seen.Entry.Kind is LayerEntryKind.File or LayerEntryKind.Directory)];
        Assert.Equal(entries.Count, nodes.Count);
        foreach ((JsonNode? entry, ReadEntry seen) in entries.Zip(nodes))
            AssertSame(entry!, seen);
    }

    private static FileStream Open(string name) => File.OpenRead(Path.Combine(GoldenFolder, name, "layer.tar"));

    private static void AssertSame(JsonNode expected, ReadEntry seen)
    {
        FileMetadata metadata = seen.Entry.Metadata;
        Assert.Equal(expected["path"]!.GetValue<string>(), seen.Entry.Path.Value);
        Assert.Equal(expected["directory"]!.GetValue<bool>(), seen.Entry.Kind == LayerEntryKind.Directory);
        Assert.Equal(expected["attributes"]!.GetValue<uint>(), (uint)metadata.Attributes);
        JsonNode times = expected["times"]!;
        Assert.Equal(times["creation"]!.GetValue<long>(), metadata.Times.Creation.Ticks);
        Assert.Equal(times["write"]!.GetValue<long>(), metadata.Times.Write.Ticks);
        Assert.Equal(Allowed(times["access"]!, metadata), metadata.Times.Access.Ticks);
        Assert.Equal(Allowed(times["change"]!, metadata), metadata.Times.Change.Ticks);

        Dictionary<string, byte[]> made = new(StringComparer.Ordinal);
        if (metadata.Security is { } security)
            made["security"] = security.Bytes.ToArray();
        if (metadata.ExtendedAttributes is { } attributes)
            made["ea"] = attributes.List.ToArray();
        if (metadata.Reparse is { } reparse)
            made["reparse"] = reparse.Buffer.ToArray();
        if (seen.Entry.Kind == LayerEntryKind.File && metadata.Reparse is null)
            made["data"] = seen.Data;
        foreach ((string name, byte[] bytes) in seen.Streams)
            made[$":{name}:$DATA"] = bytes;

        JsonArray records = expected["records"]!.AsArray();
        Assert.Equal(
            records.Select(record => record!["name"]?.GetValue<string>() ?? record["kind"]!.GetValue<string>())
                .Order(StringComparer.Ordinal),
            made.Keys.Order(StringComparer.Ordinal));
        foreach (JsonNode? record in records)
        {
            byte[] bytes = made[record!["name"]?.GetValue<string>() ?? record["kind"]!.GetValue<string>()];
            Assert.Equal(record["size"]!.GetValue<int>(), bytes.Length);
            if (record["sha256"] is { } hash)
                Assert.Equal(hash.GetValue<string>(), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
        }
    }

    private static long Allowed(JsonNode time, FileMetadata metadata) =>
        time.GetValue<long>() is var ticks && ticks == LeakedTicks ? metadata.Times.Write.Ticks : ticks;
}
