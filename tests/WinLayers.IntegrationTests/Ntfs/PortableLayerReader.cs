using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>Reads the folder of a portable base layer as docs/store.md describes it, without the library.</summary>
internal static class PortableLayerReader
{
    private static readonly string[] TimeNames = ["creation", "access", "write", "change"];

    /// <summary>The entries, a directory before what is in it.</summary>
    public static List<NtfsEntry> Read(string folder)
    {
        Dictionary<string, byte[]> values = new(StringComparer.Ordinal);
        Dictionary<string, NtfsEntry> entries = new(StringComparer.OrdinalIgnoreCase);
        List<string> order = [];
        foreach (JsonNode line in File.ReadLines(Path.Combine(folder, "layer.jsonl")).Select(line => JsonNode.Parse(line)!))
        {
            if (line["value"] is { } value)
                values[KeyOf(line)] = Convert.FromBase64String((string)value!);
            else if ((string?)line["path"] is { } path)
            {
                Assert.NotEqual("removed", (string?)line["kind"]);
                if (!entries.ContainsKey(path))
                    order.Add(path);
                entries[path] = ReadEntry(folder, path, line, values);
            }
        }

        return [.. order.Select(path => entries[path])];
    }

    private static NtfsEntry ReadEntry(string folder, string path, JsonNode line, Dictionary<string, byte[]> values)
    {
        if ((string?)line["kind"] is "link")
            return new NtfsEntry { Path = path, IsDirectory = false, Target = (string)line["target"]! };
        bool isDirectory = (string?)line["kind"] is "directory";
        string host = HostPath(folder, path);
        return new NtfsEntry
        {
            Path = path,
            IsDirectory = isDirectory,
            Attributes = (uint)line["attributes"]!,
            Times = [.. TimeNames.Select(name => (long?)line[name] ?? 0)],
            Security = Value("sd"),
            ExtendedAttributes = Value("ea"),
            Reparse = Value("reparse"),
            Content = isDirectory ? null : () => File.ReadAllBytes(host),
            Streams = (line["streams"] as JsonArray ?? []).ToDictionary(
                stream => (string)stream!["name"]!,
                stream => (Func<byte[]>)(() => File.ReadAllBytes(Path.Combine(folder, "streams", (string)stream!["sha256"]!))),
                StringComparer.Ordinal),
        };

        byte[]? Value(string kind) => (int?)line[kind] is { } number ? values[kind + number] : null;
    }

    private static string KeyOf(JsonNode line) => new[] { "sd", "ea", "reparse" }
        .Where(kind => line[kind] is not null).Select(kind => kind + (int)line[kind]!).Single();

    // A component that is too long for the host is kept under a substitute.
    private static string HostPath(string folder, string path) => path.Split('\\').Aggregate(folder, (above, name) =>
        Path.Combine(above, Encoding.UTF8.GetByteCount(name) <= 255 ? name
            : ":" + Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(name.ToUpperInvariant())))[..32]));
}
