using System.Text.Json.Nodes;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Tar;
using WinLayers.Testing;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Tests.Writing;

/// <summary>The recorded layers, as files and as parents.</summary>
internal static class GoldenLayers
{
    // What the reference leaks where a tar has no access or change time; here it is the write time.
    private const long LeakedTicks = 48_491_090_211_286_549;

    internal static string Folder => Path.Combine(AppContext.BaseDirectory, "golden");

    internal static IEnumerable<string> Names =>
        Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    internal static JsonNode Expected(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name, "expected.json")))!;

    internal static bool IsRefused(JsonNode expected) => expected["refused"]!.GetValue<bool>();

    internal static bool IsBase(JsonNode expected) => expected["parents"] is not JsonArray { Count: > 0 };

    internal static FileStream Open(string name) => File.OpenRead(Path.Combine(Folder, name, "layer.tar"));

    /// <summary>The parents of a case, written into memory through the writers; their location is their case's name.</summary>
    internal static List<ILayerTree> Parents(JsonNode expected)
    {
        var trees = new List<ILayerTree>();
        foreach (string name in (expected["parents"] as JsonArray ?? []).Select(parent => parent!.GetValue<string>()).Reverse())
        {
            var volume = new RecordingVolume(name);
            LayerWriter writer = trees.Count == 0 ? new BaseLayerWriter(volume) : new DiffLayerWriter(volume, volume, [.. trees]);
            Write(name, writer);
            trees.Insert(0, volume);
        }

        return trees;
    }

    internal static void Write(string name, LayerWriter writer)
    {
        using FileStream tar = Open(name);
        using var reader = new LayerTarReader(tar);
        while (reader.Read() is { } entry)
            writer.Add(entry);
        writer.Complete();
    }

    /// <summary>The records of a backup stream.</summary>
    internal static List<(BackupRecordKind Kind, string? Name, byte[] Data)> RecordsOf(byte[] stream)
    {
        var records = new List<(BackupRecordKind, string?, byte[])>();
        var reader = new BackupStreamReader(new MemoryStream(stream));
        while (reader.ReadNext() is { } record)
        {
            using var data = new MemoryStream();
            record.Body.CopyTo(data);
            records.Add((record.Kind, record.AlternateName, data.ToArray()));
        }

        return records;
    }

    internal static FileTimes TimesOf(JsonNode times)
    {
        var write = Ticks("write");
        return new FileTimes(Ticks("creation"), OrWrite("access"), write, OrWrite("change"));

        FileTime Ticks(string name) => new(times[name]!.GetValue<long>());
        FileTime OrWrite(string name) => Ticks(name).Ticks == LeakedTicks ? write : Ticks(name);
    }
}
