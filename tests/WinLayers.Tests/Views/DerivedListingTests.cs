using System.IO.Compression;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Testing;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Tests.Views;

/// <summary>Layers that a program keeps in a way of its own, listed with public members alone.</summary>
public sealed class DerivedListingTests : IDisposable
{
    private const int Files = 200;

    private readonly TestLayers _layers = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void Extract_OfAListingWithoutPositions_WritesEveryFile()
    {
        Dictionary<string, string> texts = Enumerable.Range(0, Files).ToDictionary(i => $"Files/{i:d3}", i => $"text {i}");
        MergedView view = MergedView.Build([new DictionaryListing(texts)], Token);

        ExtractResult result = MergedExtractor.Extract(view, LayerPath.Parse("Files"), _layers.Folder("out"), cancellationToken: Token);

        Assert.Equal((Files, 0), (result.Files, result.Omissions.Count));
        Assert.All(texts, text => Assert.Equal(text.Value, Extracted(text.Key)));
    }

    [Fact]
    public void Extract_OfAListingThatOnlyReadsForward_TakesOnePass()
    {
        var packed = new PackedListing(Enumerable.Range(0, Files).Select(i => ($"Files/{(i * 7) % Files:d3}", $"text {(i * 7) % Files}")));
        MergedView view = MergedView.Build([packed], Token);

        MergedExtractor.Extract(view, LayerPath.Parse("Files"), _layers.Folder("out"), cancellationToken: Token);

        Assert.All(Enumerable.Range(0, Files), i => Assert.Equal($"text {i}", Extracted($"Files/{i:d3}")));
        // Listing it was one way through, all contents are another.
        Assert.Equal(2, packed.Opened);

        using OpenContent single = view.OpenContent(view.Find(LayerPath.Parse("Files/005"))!);
        Assert.Equal("text 5", TextOf(single));
    }

    private static string TextOf(OpenContent content)
    {
        using StreamReader reader = new(content.Data, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static ListingEntry FileEntry(string path, string text, long position = 0) => new()
    {
        Kind = LayerEntryKind.File,
        Path = LayerPath.Parse(path),
        Metadata = new FileMetadata(),
        Size = text.Length,
        Position = position,
    };

    private string Extracted(string path) => File.ReadAllText(Path.Combine(_layers.Root, "out", path["Files/".Length..]));

    /// <summary>Entries that are found by their paths.</summary>
    private sealed class DictionaryListing(Dictionary<string, string> texts) : LayerListing
    {
        public override string Name => "a dictionary";

        public override bool IsUnpacked => true;

        public override IEnumerable<ListingEntry> Read() => texts.Select(text => FileEntry(text.Key, text.Value));

        public override OpenContent OpenContent(LayerPath path, long position) => new TextContent(texts[path.ToTarName()]);
    }

    /// <summary>
    /// Lines of a compressed text, each a path and what stands there: the next can be reached only through those before it.
    /// </summary>
    private sealed class PackedListing : LayerListing
    {
        private readonly byte[] _packed;

        public PackedListing(IEnumerable<(string Path, string Text)> files)
        {
            using MemoryStream bytes = new();
            using (StreamWriter writer = new(new GZipStream(bytes, CompressionLevel.Fastest)))
            {
                foreach ((string path, string text) in files)
                    writer.WriteLine($"{path}={text}");
            }

            _packed = bytes.ToArray();
        }

        public int Opened { get; private set; }

        public override string Name => "packed lines";

        public override bool IsUnpacked => true;

        public override IEnumerable<ListingEntry> Read()
        {
            using StreamReader lines = OpenLines();
            for (long position = 0; lines.ReadLine() is { } line; position++)
                yield return FileEntry(line.Split('=')[0], line.Split('=')[1], position);
        }

        public override OpenContent OpenContent(LayerPath path, long position)
        {
            using ContentPass pass = OpenPass();
            return pass.Open(path, position);
        }

        public override ContentPass OpenPass() => new Pass(OpenLines());

        private StreamReader OpenLines()
        {
            Opened++;
            return new StreamReader(new GZipStream(new MemoryStream(_packed), CompressionMode.Decompress));
        }

        private sealed class Pass(StreamReader lines) : ContentPass
        {
            private long _next;

            public override OpenContent Open(LayerPath path, long position)
            {
                while (_next++ < position)
                    lines.ReadLine();
                return new TextContent(lines.ReadLine()!.Split('=')[1]);
            }

            protected override void Dispose(bool disposing)
            {
                if (disposing)
                    lines.Dispose();
                base.Dispose(disposing);
            }
        }
    }

    private sealed class TextContent(string text) : OpenContent
    {
        public override Stream Data { get; } = new MemoryStream(Encoding.UTF8.GetBytes(text));

        public override AlternateStream? NextStream() => null;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                Data.Dispose();
        }
    }
}
