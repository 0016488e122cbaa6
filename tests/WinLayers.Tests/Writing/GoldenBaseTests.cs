using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WinLayers.Formats;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Testing;
using WinLayers.Writing;

namespace WinLayers.Tests.Writing;

/// <summary>Replays every recorded base layer and compares with what the reference implementation did with it.</summary>
public sealed class GoldenBaseTests
{
    public static TheoryData<string> Cases => [.. GoldenLayers.Names.Where(name => GoldenLayers.IsBase(GoldenLayers.Expected(name)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Write_RecordedBaseLayer_DoesWhatTheReferenceDid(string name)
    {
        JsonNode expected = GoldenLayers.Expected(name);
        using var volume = new RecordingVolume();
        var writer = new BaseLayerWriter(volume);
        if (GoldenLayers.IsRefused(expected))
        {
            Assert.Throws<LayerRefusedException>(() => GoldenLayers.Write(name, writer));
            Assert.False(volume.Completed);
            return;
        }

        GoldenLayers.Write(name, writer);

        AssertEntries(expected["entries"]!.AsArray(), [.. volume.Calls.Where(call => call.Operation is "file" or "directory")]);
        Assert.Equal(
            expected["links"]!.AsArray().Select(link => (link!["path"]!.GetValue<string>(), link["target"]!.GetValue<string>())),
            volume.Calls.Where(call => call.Operation == "link").Select(call => (call.Path, call.Target!)));
        AssertDirectoryTimes(expected, [.. volume.Calls.Where(call => call.Operation == "times")]);
        Assert.Equal(
            (expected["savedBootFiles"] as JsonObject ?? [])
                .ToDictionary(file => file.Key, file => file.Value!.GetValue<string>(), StringComparer.Ordinal),
            volume.SavedCopies.ToDictionary(file => file.Key, file => Convert.ToBase64String(file.Value), StringComparer.Ordinal));
        Assert.Equal(expected["calls"]!.AsArray().Any(call => call!.GetValue<string>() == "ProcessUtilityImage"), writer.HasUtilityVm);
        Assert.True(volume.Completed);
    }

    private static void AssertEntries(JsonArray expected, List<VolumeCall> made)
    {
        Assert.Equal(expected.Select(entry => entry!["path"]!.GetValue<string>()), made.Select(call => call.Path));
        foreach ((JsonNode? entry, VolumeCall call) in expected.Zip(made))
        {
            Assert.Equal(entry!["directory"]!.GetValue<bool>(), call.Operation == "directory");
            Assert.Equal(entry["attributes"]!.GetValue<int>(), (int)call.Metadata!.Attributes);
            Assert.Equal(GoldenLayers.TimesOf(entry["times"]!), call.Metadata.Times);
            // The one difference: several extended attributes, whose order the reference leaves to chance.
            if (call.Metadata.ExtendedAttributes is not { Items.Count: > 1 })
                Assert.Equal(entry["streamSha256"]!.GetValue<string>(), Convert.ToHexStringLower(SHA256.HashData(call.Stream!)));
            AssertRecords(entry["records"]!.AsArray(), call.Stream!);
        }
    }

    private static void AssertRecords(JsonArray expected, byte[] stream)
    {
        List<(BackupRecordKind Kind, string? Name, byte[] Data)> records = GoldenLayers.RecordsOf(stream);
        Assert.Equal(expected.Select(record => record!["id"]!.GetValue<int>()), records.Select(record => (int)record.Kind));
        foreach ((JsonNode? record, (BackupRecordKind kind, _, byte[] data)) in expected.Zip(records))
        {
            Assert.Equal(record!["size"]!.GetValue<long>(), data.Length);
            if (kind is BackupRecordKind.ExtendedAttributes)
                AssertSameAttributes(Convert.FromBase64String(record["base64"]!.GetValue<string>()), data);
            else
                Assert.Equal(record["sha256"]!.GetValue<string>(), Convert.ToHexStringLower(SHA256.HashData(data)));
        }
    }

    private static void AssertSameAttributes(byte[] expected, byte[] actual) => Assert.Equal(
        ExtendedAttributes.FromList(expected).Items.OrderBy(item => item.Name, StringComparer.Ordinal),
        ExtendedAttributes.FromList(actual).Items);

    private static void AssertDirectoryTimes(JsonNode expected, List<VolumeCall> made)
    {
        Assert.Equal(expected["directoryTimesReapplied"]!.AsArray().Select(path => path!.GetValue<string>()),
            made.Select(call => call.Path));
        var entries =
            expected["entries"]!.AsArray()
            .ToDictionary(entry => entry!["path"]!.GetValue<string>(), entry => entry!, StringComparer.Ordinal);
        Assert.All(made, call => Assert.Equal(GoldenLayers.TimesOf(entries[call.Path]["times"]!), call.Metadata!.Times));
    }
}
