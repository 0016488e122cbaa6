using System.Security.Cryptography;
using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Volumes;
using WinLayers.Writing;
using static WinLayers.Testing.TestLayers;

namespace WinLayers.Tests.Portable;

public sealed class PortableVolumeTests : IDisposable
{
    private readonly TestLayers _layers = new();

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void Complete_FilesOfAllSizes_AreOnDiskAndHashedInTheIndex()
    {
        int[] sizes = [0, 1, 4096, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, 512 << 10, (3 << 20) + 17];
        byte[] bytes = new byte[sizes[^1]];
        new Random(1).NextBytes(bytes);
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files");
            foreach (int size in sizes)
                volume.CreateFile(P($"Files\\f{size}"), Plain, new TextContent(bytes[..size]));
        });
        foreach (int size in sizes)
        {
            Assert.Equal(bytes[..size], File.ReadAllBytes(Path.Combine(tree.Location, "Files", $"f{size}")));
            LayerIndexEntry entry = tree.ReadEntry(P($"Files\\f{size}"));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, size))), entry.Sha256!.Value.Hex);
            Assert.Equal(size, entry.Size);
        }
    }

    [Fact]
    public void ReadEntries_ManyEntries_ComeInTheOrderTheyWereMade()
    {
        List<string> expected = ["Files"];
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files");
            for (int i = 0; i < 3000; i++)
            {
                string path = $"Files\\n{(i * 7919) % 3000}";
                expected.Add(path);
                if (i % 10 == 0)
                    volume.Dir(path);
                else
                    volume.File(path, new string('x', i % 100 == 1 ? 300_000 : i));
            }
        });
        Assert.Equal(expected, tree.ReadEntries().Select(entry => entry.Path.Value));
    }

    [Fact]
    public void ReadMetadata_EverythingRecorded_ComesBackExactly()
    {
        FileMetadata metadata = Plain with
        {
            Attributes = unchecked((FileAttributes)0x8400_2027u),
            Security = SecurityDescriptor.FromBytes(Convert.FromBase64String(
                "AQAEgBQAAAAkAAAAAAAAADQAAAABAgAAAAAABSAAAAAgAgAAAQIAAAAAAAUgAAAAIAIAAAIANAACAAAAAAAYAP8BHwABAgAAAAAABSAAAAAgAgAAAAEUAKkAEgABAQAAAAAABRIAAAA=")),
            ExtendedAttributes = ExtendedAttributes.FromList([0, 0, 0, 0, 0, 1, 2, 0, (byte)'A', 0, 7, 8]),
            Reparse = ReparsePoint.FromBuffer([0x17, 0, 0, 0x80, 2, 0, 0, 0, 1, 2]),
        };
        using PortableTree tree = _layers.Make("a", volume => volume
            .Dir("Files").File("Files\\r", "", metadata).File("Files\\p", "x")
                .File("Files\\again", "y", Plain with { Security = metadata.Security }));
        FileMetadata read = tree.ReadMetadata(P("files\\R"));
        Assert.Equal(metadata.Attributes, read.Attributes);
        Assert.Equal(metadata.Times, read.Times);
        Assert.Equal(metadata.Security.Bytes.ToArray(), read.Security!.Bytes.ToArray());
        Assert.Equal(metadata.ExtendedAttributes.List.ToArray(), read.ExtendedAttributes!.List.ToArray());
        Assert.Equal(metadata.Reparse.Buffer.ToArray(), read.Reparse!.Buffer.ToArray());
        Assert.True(tree.Find(P("Files\\r"))!.Value.IsReparsePoint);
        Assert.Equal(Plain, tree.ReadMetadata(P("Files\\p")));
        Assert.Equal(metadata.Security.Bytes.ToArray(), tree.ReadMetadata(P("Files\\again")).Security!.Bytes.ToArray());
        Assert.Equal(1,
            File.ReadLines(Path.Combine(tree.Location, "layer.jsonl")).Count(line => line.StartsWith("{\"sd\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void CreateFile_AlternateStreams_AreStoredBySha256AndReadBackInOrder()
    {
        using PortableTree tree = _layers.Make("a", volume => volume
            .Dir("Files").File("Files\\f", "data", null, ("one", "first"), ("two", "second")).File("Files\\g", "", null, ("one", "first")));
        using OpenContent content = tree.OpenRead(P("Files\\f"));
        List<(string, string)> streams = [];
        while (content.NextStream() is { } stream)
            streams.Add((stream.Name, new StreamReader(stream.Data).ReadToEnd()));
        Assert.Equal([("one", "first"), ("two", "second")], streams);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(tree.Location, "streams")).Length);
        Assert.True(File.Exists(Path.Combine(tree.Location, "streams", Convert.ToHexStringLower(SHA256.HashData("first"u8)))));
    }

    [Fact]
    public void CreateFile_NameThatDiffersByCase_IsRefusedAsTaken()
    {
        using PortableVolume volume = _layers.Volume("a");
        volume.Dir("Files").File("Files\\a.txt");
        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => volume.File("files\\A.TXT"));
        Assert.Equal(LayerRules.Duplicate, refused.Rule);
    }

    [Fact]
    public void CreateFile_DirectoryRespelled_LandsInTheDirectoryThatStands()
    {
        using PortableTree tree = _layers.Make("a", volume => volume.Dir("Files").Dir("Files\\Windows").File("FILES\\windows\\x", "x"));
        Assert.True(File.Exists(Path.Combine(tree.Location, "Files", "Windows", "x")));
        Assert.Equal("Files\\Windows\\x", tree.Find(P("files\\WINDOWS\\X"))!.Value.Path.Value);
    }

    [Fact]
    public void CreateFile_BelowReparsePointFileOrNothing_IsRefused()
    {
        using PortableVolume volume = _layers.Volume("a");
        FileMetadata junction = Entries.JunctionMetadata;
        volume.Dir("Files").Dir("Files\\j", junction).File("Files\\f");
        Assert.Equal(LayerRules.ThroughReparsePoint, Assert.Throws<LayerRefusedException>(() => volume.File("Files\\j\\x")).Rule);
        Assert.Equal(LayerRules.NotADirectory, Assert.Throws<LayerRefusedException>(() => volume.File("Files\\f\\x")).Rule);
        Assert.Equal(LayerRules.MissingParent, Assert.Throws<LayerRefusedException>(() => volume.File("Files\\no\\x")).Rule);
        Assert.True(Directory.Exists(Path.Combine(volume.Location, "Files", "j")));
        Assert.Null(new DirectoryInfo(Path.Combine(volume.Location, "Files", "j")).LinkTarget);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(volume.Location, "Files", "j")));
    }

    [Fact]
    public void CreateFile_NamesOnlyNtfsLikes_AreKept()
    {
        string[] names = ["CON", "nul.txt", "dot.", "space ", "-rf", "~", "a\u0301", "\u00E1", "名", "😀", new string('名', 255), "x*?"];
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files");
            foreach (string name in names)
                volume.File("Files\\" + name, "text of " + name);
        });
        foreach (string name in names)
            Assert.Equal("text of " + name, tree.Text("Files\\" + name));
        Assert.Equal(names.Order(StringComparer.Ordinal), tree.Enumerate(P("Files")).Select(node => node.Path.Name.ToString()));
    }

    [Fact]
    public void CreateFile_NamesOfTheLayersOwnFiles_StandAside()
    {
        using PortableTree tree =
            _layers.Make("a", volume => volume.Dir("Files").File("layer.jsonl", "not the index").Dir("streams").File("streams\\s", "s"));
        Assert.Equal("not the index", tree.Text("layer.jsonl"));
        Assert.Equal("s", tree.Text("STREAMS\\s"));
    }

    [Fact]
    public void Open_LayerThatWasNotCompleted_IsRefused()
    {
        using (PortableVolume volume = _layers.Volume("a"))
            volume.Dir("Files").File("Files\\f", "x");
        Assert.Throws<LayerIndexException>(() => _layers.Tree("a"));
    }

    [Theory]
    [InlineData("\"path\":\"Files\\\\f\"", "\"path\":null")]
    [InlineData("\"size\":1", "\"size\":-1")]
    [InlineData("\"size\":1", "\"size\":1,\"target\":null")]
    public void Open_IndexOfSomebodyElse_WithValuesThatCannotBe_IsRefused(string before, string after)
    {
        _layers.Make("a", volume => volume.Dir("Files").File("Files\\f", "x")).Dispose();
        Reseal(before, after);
        Assert.Throws<LayerIndexException>(() => _layers.Tree("a"));
    }

    [Theory]
    [InlineData("\"write\":133444736001234567", "\"write\":-1")]
    [InlineData("\"kind\":\"file\"", "\"kind\":\"file\",\"streams\":[{\"name\":null,\"size\":0,\"sha256\":\"\"}]")]
    public void ReadEntry_IndexOfSomebodyElse_WithValuesThatCannotBe_IsRefused(string before, string after)
    {
        _layers.Make("a", volume => volume.Dir("Files").File("Files\\f", "x")).Dispose();
        Reseal(before, after);
        using PortableTree tree = _layers.Tree("a");
        Assert.Throws<LayerIndexException>(() => tree.ReadEntry(P("Files\\f")));
    }

    [Fact]
    public void Open_IndexWithOneByteChanged_IsRefused()
    {
        _layers.Make("a", volume => volume.Dir("Files").File("Files\\f", "x")).Dispose();
        string index = Path.Combine(_layers.Root, "a", "layer.jsonl");
        string text = File.ReadAllText(index);
        File.WriteAllText(index, text.Replace("132444736000000001", "132444736000000002", StringComparison.Ordinal));
        Assert.Throws<LayerIndexException>(() => _layers.Tree("a"));
    }

    [Fact]
    public void CreateFile_ContentThatEndsEarly_ThrowsAndDisposeLeavesNoThreadBehind()
    {
        PortableVolume volume = _layers.Volume("a");
        volume.Dir("Files");
        Assert.Throws<EndOfStreamException>(() => volume.CreateFile(P("Files\\big"), Plain, new ShortContent(10 << 20)));
        volume.Dispose();
    }

    [Fact]
    public void Find_WhileFilesAreStillWritten_SeesAndReadsThem()
    {
        using PortableVolume volume = _layers.Volume("a");
        volume.Dir("Files").File("Files\\f", "hello");
        Assert.Equal(5, volume.Find(P("FILES\\F"))!.Value.Length);
        Assert.Equal("hello", volume.Text("Files\\f"));
        Assert.Equal(Plain, volume.ReadMetadata(P("Files\\f")));
    }

    [Fact]
    public void SaveCopy_AfterTheFileWasMade_HoldsItsBytes()
    {
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("UtilityVM").File("UtilityVM\\BCD", "boot");
            volume.SaveCopy(P("UtilityVM\\BCD"), "bcd.bak");
        });
        Assert.Equal("boot", File.ReadAllText(Path.Combine(tree.Location, "bcd.bak")));
    }

    private sealed class ShortContent(long claimed) : EntryContent
    {
        public override Stream Data { get; } = new ClaimingStream(claimed);

        public override AlternateStream? NextStream() => null;
    }

    private sealed class ClaimingStream(long length) : MemoryStream(Encoding.UTF8.GetBytes("short"))
    {
        public override long Length => length;
    }

    // Changes the layer's index, and gives it an end line that is right.
    private void Reseal(string before, string after)
    {
        string index = Path.Combine(_layers.Root, "a", "layer.jsonl");
        string[] lines = File.ReadAllLines(index)[..^1];
        string changed = string.Concat(lines.Select(line => line + "\n"));
        Assert.Contains(before, changed, StringComparison.Ordinal);
        changed = changed.Replace(before, after, StringComparison.Ordinal);
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(changed)));
        File.WriteAllText(index, $$$"""{{{changed}}}{"end":{"lines":{{{lines.Length}}},"sha256":"{{{hash}}}"}}""" + "\n");
    }
}
