using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using WinLayers.Formats;
using WinLayers.Transport;

namespace WinLayers.Tests.Transport;

/// <summary>The recorded exports of the reference (golden-export), replayed and read back with the framework's tar reader.</summary>
public sealed class TransportExporterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-export-").FullName;

    public static TheoryData<string> Cases =>
        [.. Directory.GetDirectories(GoldenRoot).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static string GoldenRoot => Path.Join(AppContext.BaseDirectory, "golden-export");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Export_RecordedTransportFolder_GivesTheReferencesTar(string name)
    {
        string transport = Unpack(name);
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Path.Join(GoldenRoot, name, "expected.json")));

        List<string> actual = Describe(Export(transport));

        Assert.Equal([.. expected.RootElement.GetProperty("entries").EnumerateArray().Select(Describe)], actual);
    }

    [Fact]
    public void Export_Twice_GivesTheSameBytes()
    {
        string transport = Unpack("export-streams");

        Assert.Equal(Export(transport), Export(transport));
    }

    [Fact]
    public void Export_DirectoryWithoutMarker_IsRefused()
    {
        string transport = Unpack("export-simple");
        File.Delete(Path.Join(transport, "Files", "Windows", "System32.$wcidirs$"));

        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => Export(transport));

        Assert.Equal(ExportRules.Marker, refused.Rule);
    }

    [Fact]
    public void Export_LinkOnTheHost_IsNotFollowed()
    {
        string transport = Unpack("export-simple");
        File.CreateSymbolicLink(Path.Join(transport, "Files", "Windows", "shadow"), "/etc/hostname");

        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => Export(transport));

        Assert.Equal(ExportRules.Frame, refused.Rule);
    }

    [Fact]
    public void Export_FileCutShort_IsRefusedWithItsName()
    {
        string transport = Unpack("export-simple");
        string file = Path.Join(transport, "Files", "Windows", "ro.txt");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);

        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => Export(transport));

        Assert.Equal("Files/Windows/ro.txt", refused.EntryName);
    }

    [Fact]
    public void Export_SparseFile_GetsItsZerosBack()
    {
        string transport = Unpack("export-simple");

        // attributes; data record with the sparse bit; blocks at 4096 and, without bytes, at the end.
        using (BinaryWriter file = new(File.Create(Path.Join(transport, "Files", "sparse.bin"))))
        {
            file.Write(0x220u);
            WriteHeader(file, kind: 1, attributes: 8, size: 0);
            WriteHeader(file, kind: 9, attributes: 0, size: 8 + 3);
            file.Write(4096L);
            file.Write("abc"u8);
            WriteHeader(file, kind: 9, attributes: 0, size: 8);
            file.Write(10_000L);
        }

        using TarReader reader = new(new MemoryStream(Export(transport)));
        TarEntry entry = Read(reader).Single(entry => entry.Name == "Files/sparse.bin");
        byte[] data = new byte[entry.Length];
        entry.DataStream!.ReadExactly(data);

        byte[] expected = new byte[10_000];
        "abc"u8.CopyTo(expected.AsSpan(4096));
        Assert.Equal(expected, data);
    }

    [Theory]
    [InlineData("Windows/old.txt")]
    [InlineData("Files/Windows/old.txt")]
    [InlineData("\\Windows\\old.txt")]
    public void Export_TombstonesOfOtherTools_AreUnderstood(string line)
    {
        string transport = Unpack("export-simple");
        File.WriteAllText(Path.Join(transport, "tombstones.txt"), line + "\n");

        using TarReader reader = new(new MemoryStream(Export(transport)));

        Assert.Contains("Files/Windows/.wh.old.txt", Read(reader).Select(entry => entry.Name));
    }

    [Theory]
    [InlineData("\\..\\..\\evil")]
    [InlineData("C:\\Windows")]
    public void Export_TombstoneThatClimbs_IsRefused(string line)
    {
        string transport = Unpack("export-simple");
        File.WriteAllText(Path.Join(transport, "tombstones.txt"), $"\uFEFFVersion 1.0\n{line}\n");

        Assert.Throws<LayerRefusedException>(() => Export(transport));
    }

    private static void WriteHeader(BinaryWriter file, uint kind, uint attributes, long size)
    {
        file.Write(kind);
        file.Write(attributes);
        file.Write(size);
        file.Write(0u);
    }

    private static byte[] Export(string transport)
    {
        using MemoryStream tar = new();
        TransportExporter.Export(transport, tar);
        return tar.ToArray();
    }

    // The recorded folder, written file by file: its own tar is ours, not a layer.
    private string Unpack(string name)
    {
        using FileStream file = File.OpenRead(Path.Join(GoldenRoot, name, "transport.tar"));
        using TarReader reader = new(file);
        foreach (TarEntry entry in Read(reader))
        {
            string path = Path.Join(_folder, entry.Name);
            if (entry.EntryType is TarEntryType.Directory)
            {
                Directory.CreateDirectory(path);
                continue;
            }

            using FileStream output = File.Create(path);
            entry.DataStream?.CopyTo(output);
        }

        return _folder;
    }

    private static IEnumerable<TarEntry> Read(TarReader reader)
    {
        while (reader.GetNextEntry() is { } entry)
            yield return entry;
    }

    private static List<string> Describe(byte[] tar)
    {
        using TarReader reader = new(new MemoryStream(tar));
        return [.. Read(reader).Select(entry =>
        {
            bool isFile = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;
            string type = isFile ? "file" : entry.EntryType is TarEntryType.Directory ? "directory" : "symlink";
            byte[] data = new byte[entry.Length];
            entry.DataStream?.ReadExactly(data);
            var pax = entry is PaxTarEntry extended ? extended.ExtendedAttributes : new Dictionary<string, string>();
            return Line(
                entry.Name, type, entry.Length, ModeOf(tar, entry), entry.LinkName,
                isFile ? Convert.ToHexStringLower(SHA256.HashData(data)) : "",
                pax.Where(record => record.Key.StartsWith("MSWINDOWS.", StringComparison.Ordinal)));
        })];
    }

    private static string Describe(JsonElement entry) => Line(
        entry.GetProperty("name").GetString()!,
        entry.GetProperty("type").GetString()!,
        entry.GetProperty("size").GetInt64(),
        Convert.ToInt32(entry.GetProperty("mode").GetString()![2..], 8),
        entry.TryGetProperty("linkname", out JsonElement link) ? link.GetString()! : "",
        entry.GetProperty("sha256").GetString() ?? "",
        entry.GetProperty("pax").EnumerateObject().Select(record => KeyValuePair.Create(record.Name, record.Value.GetString()!)));

    private static string Line(
        string name, string type, long size, int mode, string? link, string sha256, IEnumerable<KeyValuePair<string, string>> pax) =>
        string.Join(
            " | ",
            name, type, size, Convert.ToString(mode, 8), link ?? "", sha256,
            string.Join(", ", pax.OrderBy(record => record.Key, StringComparer.Ordinal).Select(record => $"{record.Key}={record.Value}")));

    // The framework's enumeration has no room for the type bits; the header has.
    private static int ModeOf(byte[] tar, TarEntry entry)
    {
        for (int block = 0; block + 512 <= tar.Length; block += 512)
        {
            ReadOnlySpan<byte> header = tar.AsSpan(block, 512);
            int checksum = (int)entry.Checksum;
            if (header[257..262].SequenceEqual("ustar"u8) && Octal(header[148..155]) == checksum
                && header[156] is not ((byte)'x' or (byte)'g'))
                return Octal(header[100..107]);
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"no header of {entry.Name}"));
    }

    private static int Octal(ReadOnlySpan<byte> field)
    {
        int value = 0;
        foreach (byte digit in field)
        {
            if (digit is >= (byte)'0' and <= (byte)'7')
                value = (value * 8) + (digit - '0');
        }

        return value;
    }
}
