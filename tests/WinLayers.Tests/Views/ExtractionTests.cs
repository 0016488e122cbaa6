using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Views;

namespace WinLayers.Tests.Views;

public sealed class ExtractionTests : IDisposable
{
    private readonly TestLayers _layers = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Destination => Path.Combine(_layers.Root, "out");

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void Extract_ManyFiles_OpensEachLayerOnce()
    {
        int opened = 0;
        LayerTar upper =
            LayerTar.New().Directory("Files").File("Files/1", "new").HardLink("Files/later", "Files/3").HardLink("Files/own", "Files/1");
        LayerTar lower = LayerTar.New().Directory("Files");
        for (int i = 0; i < 50; i++)
            lower.File($"Files/{i}", $"text {i}", []);
        MergedView view = MergedView.Build([Listing(lower), Listing(upper)], Token);
        Assert.Equal(2, opened);

        ExtractResult result = MergedExtractor.Extract(view, LayerPath.Parse("Files"), Destination, cancellationToken: Token);

        Assert.Equal(4, opened);
        Assert.Equal((52, 0), (result.Files, result.Omissions.Count));
        Assert.Equal("new", Text("1"));
        Assert.Equal("new", Text("own"));
        Assert.Equal("text 3", Text("later"));
        Assert.All(Enumerable.Range(2, 48), i => Assert.Equal($"text {i}", Text($"{i}")));

        LayerListing Listing(LayerTar tar)
        {
            byte[] bytes = tar.ToArray();
            return LayerListing.FromTar("layer", () =>
            {
                opened++;
                return new MemoryStream(bytes);
            });
        }
    }

    [Fact]
    public void Extract_FromAnUnpackedLayer_WritesEveryFilesOwnContent()
    {
        using PortableTree tree =
            _layers.Make("layer", volume => volume.Dir("Files").File("Files\\a", "one").File("Files\\b", "two").File("Files\\c", "three"));
        MergedView view = MergedView.Build([new PortableListing(tree)], Token);

        MergedExtractor.Extract(view, LayerPath.Parse("Files"), Destination, cancellationToken: Token);

        Assert.Equal(["one", "two", "three"], [Text("a"), Text("b"), Text("c")]);
    }

    [Fact]
    public void Extract_WhatTheSystemCannotHold_IsLostAndSaid()
    {
        string longName = new('語', 100);
        MergedView view =
            View(LayerTar.New().Directory("Files").File($"Files/{longName}", "1").Directory($"Files/d{longName}")
            .File($"Files/d{longName}/x", "2").HardLink("Files/broken", "Files/nowhere").SymbolicLink("Files/link", "a")
            .File("Files/a", "3"));

        ExtractResult result = MergedExtractor.Extract(view, LayerPath.Parse("Files"), Destination, cancellationToken: Token);

        Assert.Equal(1, result.Files);
        Assert.Equal(
            OperatingSystem.IsWindows() ? ["broken"] : ["broken", $"d{longName}", longName],
            result.Omissions.Where(omission => omission.IsLost).Select(omission => omission.Path.Name.ToString()));
        Assert.Equal("link", Assert.Single(result.Omissions, omission => !omission.IsLost).Path.Name.ToString());
    }

    [Fact]
    public async Task WriteTar_NamesEntriesInFull_AndReadsEachLayerOnce()
    {
        int opened = 0;
        string longName = string.Join('/', Enumerable.Repeat(new string('語', 60), 3));
        LayerTar lower =
            LayerTar.New().Directory("Files").File("Files/a", "first", Pax.Attributes(0x21)).File("Files/gone", "x").Directory("Files/d")
            .File($"Files/{longName}", "long");
        LayerTar upper =
            LayerTar.New().Directory("Files").HardLink("Files/d/b", "Files/a").HardLink("Files/d/c", "Files/a").Whiteout("Files/gone")
            .File("Files/d/own", "own").HardLink("Files/broken", "Files/nowhere").SymbolicLink("Files/link", "a");
        MergedView view = MergedView.Build([Listing(lower), Listing(upper)], Token);
        using MemoryStream tar = new();

        ExtractResult result = MergedExtractor.WriteTar(
            view, LayerPath.Parse("Files"), tar, new ExtractOptions { SymbolicLinks = true }, cancellationToken: Token);

        Assert.Equal(4, opened);
        tar.Position = 0;
        var entries = new Dictionary<string, TarEntry>(StringComparer.Ordinal);
        var contents = new Dictionary<string, string>(StringComparer.Ordinal);
        await using TarReader reader = new(tar);
        while (await reader.GetNextEntryAsync(copyData: true, Token) is { } entry)
        {
            entries.Add(entry.Name, entry);
            contents.Add(entry.Name, entry.DataStream is { } data ? await new StreamReader(data).ReadToEndAsync(Token) : "");
        }

        // As many as the view walks through, but for the name that leads nowhere: as 'ls' lists them, a folder with its slash.
        Assert.Equal(
            view.Walk(LayerPath.Parse("Files")).Where(entry => !entry.IsBroken)
                .Select(entry => entry.Path.ToTarName() + (entry.IsDirectory ? "/" : "")).Order(StringComparer.Ordinal),
            entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("first", "own", "long"), (contents["Files/a"], contents["Files/d/own"], contents[$"Files/{longName}"]));
        Assert.Equal((TarEntryType.HardLink, "Files/a"), (entries["Files/d/b"].EntryType, entries["Files/d/b"].LinkName));
        Assert.Equal((TarEntryType.HardLink, "Files/a"), (entries["Files/d/c"].EntryType, entries["Files/d/c"].LinkName));
        Assert.Equal((TarEntryType.SymbolicLink, "a"), (entries["Files/link"].EntryType, entries["Files/link"].LinkName));
        Assert.Equal((UnixFileMode)0b100_100_100, entries["Files/a"].Mode);
        Assert.Equal((UnixFileMode)0b110_100_100, entries["Files/d/own"].Mode);
        Assert.Equal((UnixFileMode)0b111_101_101, entries["Files/d/"].Mode);
        Assert.Equal((5, "broken"), (result.Files, Assert.Single(result.Omissions, omission => omission.IsLost).Path.Name.ToString()));

        LayerListing Listing(LayerTar layer)
        {
            byte[] bytes = layer.ToArray();
            return LayerListing.FromTar("layer", () =>
            {
                opened++;
                return new MemoryStream(bytes);
            });
        }
    }

    [Fact]
    public async Task WriteTar_OfAnUnpackedLayer_HasTheSameEntries()
    {
        using PortableTree tree =
            _layers.Make("layer",
                volume => volume.Dir("Files").File("Files\\a", "one").File("Files\\b", "two").Link("Files\\c", "Files\\b"));
        using MemoryStream tar = new();

        MergedExtractor.WriteTar(
            MergedView.Build([new PortableListing(tree)], Token), LayerPath.Parse("Files"), tar, cancellationToken: Token);

        tar.Position = 0;
        List<(string, TarEntryType, string)> entries = [];
        await using TarReader reader = new(tar);
        while (await reader.GetNextEntryAsync(copyData: true, Token) is { } entry)
            entries.Add((entry.Name, entry.EntryType,
                entry.DataStream is { } data ? await new StreamReader(data).ReadToEndAsync(Token) : entry.LinkName));
        Assert.Equal([("Files/a", TarEntryType.RegularFile, "one"), ("Files/b", TarEntryType.RegularFile, "two"),
            ("Files/c", TarEntryType.HardLink, "Files/b")], entries);
    }

    [Fact]
    public async Task WriteTar_WhereALaterLayerReplacedTheLinksTarget_TheyAreTwoFiles()
    {
        using PortableTree lower =
            _layers.Make("lower", volume => volume.Dir("Files").File("Files\\b", "two").Link("Files\\c", "Files\\b"));
        using PortableTree upper = _layers.Make("upper", volume => volume.Dir("Files").File("Files\\b", "two"));
        using MemoryStream tar = new();

        MergedExtractor.WriteTar(MergedView.Build([new PortableListing(lower), new PortableListing(upper)], Token),
            LayerPath.Parse("Files"), tar, cancellationToken: Token);

        tar.Position = 0;
        await using TarReader reader = new(tar);
        while (await reader.GetNextEntryAsync(copyData: true, Token) is { } entry)
            Assert.Equal(TarEntryType.RegularFile, entry.EntryType);
    }

    [Fact]
    public void WriteTar_OfOneFile_HoldsItAlone_AndNothingOfWhatIsNotThere()
    {
        MergedView view = View(LayerTar.New().Directory("Files").File("Files/a", "1").File("Files/b", "2"));
        using MemoryStream tar = new();

        Assert.Equal(1, MergedExtractor.WriteTar(view, LayerPath.Parse("Files/b"), tar, cancellationToken: Token).Files);
        Assert.Throws<EntryNotFoundException>(
            () => MergedExtractor.WriteTar(view, LayerPath.Parse("Files/c"), tar, cancellationToken: Token));
    }

    // What is at the link, and what is there: Files\\Dir\\Keep.txt, Files\\Dir\\Sub, Files\\Win.
    [Theory]
    [InlineData("Dir\\link", "keep.TXT", true, "Keep.txt")]
    [InlineData("Dir\\link", ".\\SUB", true, "Sub")]
    [InlineData("Dir\\link", "..\\WIN", true, "../Win")]
    [InlineData("Dir\\Sub\\link", "..\\KEEP.txt", true, "../Keep.txt")]
    [InlineData("Dir\\link", "nowhere\\X", true, "nowhere/X")]
    [InlineData("Dir\\link", "..\\DIR\\nowhere\\X", true, "nowhere/X")]
    [InlineData("Dir\\link", "\\dir\\keep.txt", true, "Keep.txt")]
    [InlineData("link", "\\??\\C:\\win", false, "Win")]
    [InlineData("link", "\\??\\c:\\DIR\\SUB\\", false, "Dir/Sub")]
    [InlineData("Dir\\link", "\\??\\C:", false, "..")]
    [InlineData("link", "C:\\Win", false, "Win")]
    [InlineData("link", "\\??\\C:\\..\\..\\etc", false, null)]
    [InlineData("link", "..\\..\\etc", true, null)]
    [InlineData("link", "\\??\\D:\\Win", false, null)]
    [InlineData("link", "\\??\\Volume{0e1c9f5c}\\Win", false, null)]
    [InlineData("link", "\\??\\UNC\\host\\share", false, null)]
    [InlineData("link", "a/../../../etc", true, null)]
    [InlineData("link", "..\0z", true, null)]
    [InlineData("link", "..\\Hives", true, null)]
    [InlineData("link", "", true, null)]
    public void Extract_Link_LeadsWhereWindowsFollowsIt_OrIsLeftOut(string link, string substitute, bool isRelative, string? expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        MergedView view =
            View(LayerTar.New().Directory("Files").Directory("Files/Dir").File("Files/Dir/Keep.txt", "k").Directory("Files/Dir/Sub")
            .Directory("Files/Win")
            .File($"Files/{link.Replace('\\', '/')}", "", Reparse(substitute, substitute.Length == 0 ? "" : "elsewhere", isRelative)));

        ExtractResult result =
            MergedExtractor.Extract(view, LayerPath.Parse("Files"), Destination, new ExtractOptions { SymbolicLinks = true },
            cancellationToken: Token);

        Assert.Equal(expected, new FileInfo(Path.Combine(Destination, link.Replace('\\', '/'))).LinkTarget);
        Assert.Equal(expected is null ? 1 : 0, result.Omissions.Count);
    }

    [Fact]
    public void Extract_LinkWithoutASubstituteName_FollowsThePrintName()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        MergedView view =
            View(LayerTar.New().Directory("Files").File("Files/a", "1").File("Files/link", "", Reparse("", "A", isRelative: true)));
        MergedExtractor.Extract(view, LayerPath.Parse("Files"), Destination, new ExtractOptions { SymbolicLinks = true },
            cancellationToken: Token);
        Assert.Equal("a", new FileInfo(Path.Combine(Destination, "link")).LinkTarget);
    }

    [Fact]
    public void Extract_LinksThatClimbTogether_NeverLeaveTheDestination()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        // Each alone looks harmless to somebody who checks another text than the one that is followed.
        string[] targets =
            ["..\0z", "u0\\..\0z", "u1\\..\0z", "u2\\etc\\hostname", "d\\..\\..", "d\\up\\..\\..\\..", "..", ".", "d\\self\\self", "\\..",
            "a\0\\..\\.."];
        LayerTar tar =
            LayerTar.New().Directory("Files").Directory("Files/d").File("Files/d/up", "", Reparse("..", "..", isRelative: true))
            .File("Files/d/self", "", Reparse("..\\d", "", isRelative: true));
        for (int i = 0; i < targets.Length; i++)
        {
            tar.File($"Files/u{i}", "", Reparse(targets[i], targets[i], isRelative: true));
            tar.File($"Files/d/p{i}", "", Reparse("", targets[i], isRelative: true));
            tar.File($"Files/c{i}", "", Reparse("\\??\\C:\\" + targets[i], "", isRelative: false));
        }

        MergedExtractor.Extract(View(tar), LayerPath.Parse("Files"), Destination, new ExtractOptions { SymbolicLinks = true },
            cancellationToken: Token);

        string[] links = [.. LinksBelow(Destination)];
        Assert.All(links, link => Assert.True(ResolvesInside(link), $"{link} leads to {new FileInfo(link).LinkTarget}"));
        Assert.InRange(links.Length, 5, 100);
    }

    private static IEnumerable<string> LinksBelow(string folder) => Directory.EnumerateFileSystemEntries(folder).SelectMany(path =>
        new FileInfo(path).LinkTarget is not null ? [path] : Directory.Exists(path) ? LinksBelow(path) : []);

    // Follows as the system does: a component at a time, '..' after the links before it.
    private bool ResolvesInside(string link)
    {
        var ahead = new Stack<string>(link[(Destination.Length + 1)..].Split('/').Reverse());
        string at = Destination;
        for (int steps = 0; ahead.TryPop(out string? part) && steps < 1000; steps++)
        {
            at = part == ".." ? Path.GetDirectoryName(at)! : part == "." ? at : Path.Combine(at, part);
            if (at != Destination && !at.StartsWith(Destination + "/", StringComparison.Ordinal))
                return false;
            if (new FileInfo(at).LinkTarget is not { } target)
                continue;
            if (target.StartsWith('/'))
                return false;
            at = Path.GetDirectoryName(at)!;
            foreach (string next in target.Split('/').Reverse())
                ahead.Push(next);
        }

        return true;
    }

    private string Text(string name) => File.ReadAllText(Path.Combine(Destination, name));

    private static MergedView View(LayerTar tar)
    {
        byte[] bytes = tar.ToArray();
        return MergedView.Build([LayerListing.FromTar("layer", () => new MemoryStream(bytes))], Token);
    }

    // A symbolic link's buffer with both names as they are.
    private static (string Key, string Value)[] Reparse(string substitute, string print, bool isRelative)
    {
        byte[] first = Encoding.Unicode.GetBytes(substitute), second = Encoding.Unicode.GetBytes(print);
        byte[] buffer = new byte[20 + first.Length + second.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, 0xA000000C);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(4), (ushort)(buffer.Length - 8));
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(10), (ushort)first.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(12), (ushort)first.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(14), (ushort)second.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(16), isRelative ? 1u : 0);
        first.CopyTo(buffer, 20);
        second.CopyTo(buffer, 20 + first.Length);
        return [Pax.Attributes(0x420), ("MSWINDOWS.reparse", Convert.ToBase64String(buffer))];
    }
}
