using FsCheck;
using FsCheck.Fluent;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;
using WinLayers.Testing;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>Entries come back from a tar as they went in, and the same entries always make the same bytes.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<string> GoldenCases =>
    [
        .. Directory.GetDirectories(GoldenFolder).Select(folder => Path.GetFileName(folder))
            .Where(name => !name.Contains("-err-", StringComparison.Ordinal)),
    ];

    private static string GoldenFolder => Path.Combine(AppContext.BaseDirectory, "golden");

    [Fact]
    public void WriteThenRead_AnyEntries_AreTheSame() =>
        Prop.ForAll<int>(static seed =>
        {
            List<ReadEntry> made = new EntryMaker(seed).Make();
            byte[] tar = Write(made);
            List<ReadEntry> read = new MemoryStream(tar).ReadAll();
            AssertSame(made, read);
            Assert.Equal(tar, Write(read));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public void WriteThenRead_RecordedLayer_IsTheSame(string name)
    {
        using FileStream original = File.OpenRead(Path.Combine(GoldenFolder, name, "layer.tar"));
        List<ReadEntry> first = original.ReadAll();
        byte[] tar = Write(first);
        List<ReadEntry> second = new MemoryStream(tar).ReadAll();
        AssertSame(first, second);
        Assert.Equal(tar, Write(second));
    }

    private static byte[] Write(List<ReadEntry> entries)
    {
        MemoryStream tar = new();
        using LayerTarWriter writer = new(tar);
        foreach (ReadEntry read in entries)
        {
            writer.Write(new LayerEntry
            {
                Kind = read.Entry.Kind,
                Path = read.Entry.Path,
                Metadata = read.Entry.Metadata,
                LinkTarget = read.Entry.LinkTarget,
                TarName = read.Entry.TarName,
                Content = new MemoryContent(read.Data, [.. read.Streams]),
            });
        }

        writer.Complete();
        return tar.ToArray();
    }

    private static void AssertSame(List<ReadEntry> expected, List<ReadEntry> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((ReadEntry before, ReadEntry after) in expected.Zip(actual))
        {
            Assert.Equal(before.Entry.Kind, after.Entry.Kind);
            Assert.Equal(before.Entry.Path.Value, after.Entry.Path.Value);
            Assert.Equal(before.Entry.LinkTarget.Value, after.Entry.LinkTarget.Value);
            Assert.Equal(before.Data, after.Data);
            Assert.Equal(before.Streams.Select(stream => stream.Name), after.Streams.Select(stream => stream.Name));
            Assert.Equal(before.Streams.Select(stream => stream.Bytes), after.Streams.Select(stream => stream.Bytes));
            // The reference writes whiteouts without metadata.
            if (before.Entry.Kind is not (LayerEntryKind.Whiteout or LayerEntryKind.OpaqueDirectory))
                Assert.Equal(before.Entry.Metadata, after.Entry.Metadata);
        }
    }

    // Entries from a seed: what NTFS can hold, whether or not it makes sense as a layer.
    private sealed class EntryMaker(int seed)
    {
        private static readonly string[] Pieces =
            ["a", "Files", "ü", "文件", "😀", ".wha", "wh.", " x. ", "CON", "name.with.dots", new('l', 90), new('ß', 60), "100%=yes", "~"];

        private readonly Random _random = new(seed);

        public List<ReadEntry> Make() => [.. Enumerable.Range(0, _random.Next(0, 8)).Select(_ => MakeOne())];

        private ReadEntry MakeOne()
        {
            LayerEntryKind kind = (LayerEntryKind)_random.Next(5);
            LayerPath path = MakePath();
            bool isNode = kind is LayerEntryKind.File or LayerEntryKind.Directory;
            FileMetadata metadata = MakeMetadata(kind, isNode);
            byte[] data = kind == LayerEntryKind.File ? MakeBytes(2000) : [];
            List<(string Name, byte[] Bytes)> streams =
                isNode ? [.. Enumerable.Range(0, _random.Next(3))
                    .Select(i => ($"{Pieces[_random.Next(Pieces.Length)]}{i}", MakeBytes(700)))] : [];
            LayerEntry entry = new()
            {
                Kind = kind,
                Path = path,
                LinkTarget = kind == LayerEntryKind.HardLink ? MakePath() : default,
                Metadata = metadata,
                TarName = path.ToTarName(),
            };
            return new ReadEntry(entry, data, streams);
        }

        private LayerPath MakePath() =>
            LayerPath.Parse(string.Join('/', Enumerable.Range(0, _random.Next(1, 6)).Select(_ => Pieces[_random.Next(Pieces.Length)])));

        private FileMetadata MakeMetadata(LayerEntryKind kind, bool isNode)
        {
            FileAttributes bits = (FileAttributes)_random.Next() & ~FileAttributes.Directory;
            return new FileMetadata
            {
                Attributes = kind == LayerEntryKind.Directory ? bits | FileAttributes.Directory : bits,
                Times = new FileTimes(MakeTime(), MakeTime(), MakeTime(), MakeTime()),
                Security = isNode && _random.Next(2) == 0 ? SecurityDescriptor.FromSddl($"O:BAG:S-1-5-21-{_random.Next(5)}") : null,
                ExtendedAttributes = isNode && _random.Next(3) == 0 ? MakeAttributes() : null,
                Reparse = isNode && _random.Next(3) == 0 ? MakeReparse() : null,
            };
        }

        private FileTime MakeTime() => _random.Next(5) switch
        {
            0 => default,
            1 => FileTime.FromUnix(_random.Next()),
            2 => new FileTime(_random.NextInt64()),
            3 => FileTime.FromUnix(-_random.Next(), _random.Next(10_000_000)),
            _ => FileTime.FromUnix(_random.Next(), _random.Next(10_000_000)),
        };

        private ExtendedAttributes MakeAttributes() => ExtendedAttributes.FromItems(
            Enumerable.Range(0, _random.Next(1, 4)).Select(i => new ExtendedAttribute(
                _random.Next(4) == 0 ? $"A={i}" : $"$KERNEL.{i}", MakeBytes(30), Flags: _random.Next(4) == 0 ? (byte)0x80 : (byte)0)));

        private ReparsePoint MakeReparse() => _random.Next(3) switch
        {
            0 => ReparsePoint.FromTarget(string.Join('\\', Pieces.Take(_random.Next(1, 9))), isMountPoint: false),
            1 => ReparsePoint.FromTarget("\\??\\C:\\x", isMountPoint: true),
            _ => ReparsePoint.FromBuffer([0x17, 0, 0, 0x80, 4, 0, 0, 0, .. MakeBytes(1, 4)]),
        };

        private byte[] MakeBytes(int most, int? exactly = null)
        {
            byte[] bytes = new byte[exactly ?? _random.Next(most)];
            _random.NextBytes(bytes);
            return bytes;
        }
    }
}
