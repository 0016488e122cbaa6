using System.Formats.Tar;
using System.Text.Json;

namespace WinLayers.Formats.Tests.Ntfs;

/// <summary>One record that the reference gave to BackupWrite. Large contents are left out of the recording, all but their size.</summary>
internal sealed record RecordedRecord(string Kind, string? Name, byte[] Bytes, long Size);

/// <summary>An entry of a golden base layer beside the tar entry that it was made of.</summary>
internal sealed record RecordedEntry(string Path, bool IsDirectory, string StreamSha256, IReadOnlyList<RecordedRecord> Records,
    TarEntry Tar)
{
    /// <summary>Whether the recording has every record's bytes.</summary>
    public bool IsWhole => Records.All(record => record.Bytes.Length == record.Size);

    /// <summary>The cases of base layers that the reference accepted.</summary>
    public static IEnumerable<string> BaseCases =>
        from folder in Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal)
        let document = Document(System.IO.Path.GetFileName(folder))
        where document.TryGetProperty("entries", out JsonElement entries) && entries.GetArrayLength() > 0
        select System.IO.Path.GetFileName(folder);

    private static string Root => System.IO.Path.Combine(AppContext.BaseDirectory, "golden");

    /// <summary>The entries of one case, hard links left out.</summary>
    public static IReadOnlyList<RecordedEntry> Of(string name)
    {
        Dictionary<string, TarEntry> tar = [];
        using (TarReader reader = new(File.OpenRead(System.IO.Path.Combine(Root, name, "layer.tar"))))
        {
            while (reader.GetNextEntry(copyData: true) is { } entry)
                tar[entry.Name.TrimEnd('/').Replace('/', '\\')] = entry;
        }

        return
        [
            .. from entry in Document(name).GetProperty("entries").EnumerateArray()
               let path = entry.GetProperty("path").GetString()!
               select new RecordedEntry(
                   path,
                   entry.GetProperty("directory").GetBoolean(),
                   entry.GetProperty("streamSha256").GetString()!,
                   [.. entry.GetProperty("records").EnumerateArray().Select(Record)],
                   tar[path]),
        ];
    }

    private static JsonElement Document(string name) =>
        JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(Root, name, "expected.json"))).RootElement;

    private static RecordedRecord Record(JsonElement record) =>
        new(
            record.GetProperty("kind").GetString()!,
            record.TryGetProperty("name", out JsonElement streamName) ? streamName.GetString() : null,
            record.TryGetProperty("base64", out JsonElement text) ? text.GetBytesFromBase64() : [],
            record.GetProperty("size").GetInt64());
}
