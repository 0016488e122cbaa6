using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Linting;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Portable;
using WinLayers.Transport;
using WinLayers.Views;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Tests.Hostile;

/// <summary>What can be done with a layer, each from its bytes to the end.</summary>
internal static class LayerOperations
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static CorpusImage ImageOf(LayerCase layer) => CorpusImage.Of(
        layer.IsDiff ? [(CorpusBed.BaseTar, CorpusBed.BaseTar), (layer.Tar, layer.Blob)] : [(layer.Tar, layer.Blob)]);

    /// <summary>The transport folder; gone again when this returns.</summary>
    public static StagedLayer Stage(CorpusBed bed, LayerCase layer)
    {
        string folder = Path.Combine(bed.Work, "staged");
        Directory.CreateDirectory(folder);
        try
        {
            using LayerChainTrees parents = bed.OpenParents(isDiff: true);
            using Stream tar = OpenTar(layer);
            return LayerStager.Stage(tar, Path.Combine(folder, "out"), parents.All);
        }
        finally
        {
            string[] left = Directory.GetFileSystemEntries(folder);
            Directory.Delete(folder, recursive: true);
            Assert.True(left.Length == 0 || left.Contains(Path.Combine(folder, "out")), $"Staging left {string.Join(", ", left)}.");
        }
    }

    public static List<LayerFinding> Lint(CorpusBed bed, LayerCase layer)
    {
        using LayerChainTrees parents = bed.OpenParents(layer.IsDiff);
        using Stream tar = OpenTar(layer);
        return [.. LayerLinter.Lint(tar, parents.All)];
    }

    /// <summary>Lists, reads and extracts everything, straight from the blobs; what is extracted is gone again when this returns.</summary>
    public static string ShowFromBlobs(CorpusBed bed, LayerCase layer)
    {
        LayerListing[] listings = layer.IsDiff
            ? [Listing("base", () => new MemoryStream(CorpusBed.BaseTar)), Listing("case", () => OpenTar(layer))]
            : [Listing("case", () => OpenTar(layer))];
        return Show(bed, MergedView.Build(listings, Token));
    }

    public static string ShowUnpacked(CorpusBed bed, IEnumerable<string> foldersBaseFirst)
    {
        using var trees = new LayerChainTrees([.. foldersBaseFirst.Select(PortableTree.Open)]);
        return Show(bed, MergedView.Build(trees.All.Select(tree => new PortableListing((PortableTree)tree)), Token));
    }

    /// <summary>Copies the image to a layout, whole, and to a docker archive, which holds uncompressed layers.</summary>
    /// <returns>What the archive said.</returns>
    public static async Task<WinLayersException?> CopyAsync(CorpusBed bed, CorpusImage image)
    {
        string layout = Path.Combine(bed.Work, "copy"), archive = Path.Combine(bed.Work, "copy.tar");
        try
        {
            await using (OciLayoutTarget target = await OciLayoutTarget.OpenAsync(LayoutReference.Parse($"oci:{layout}:x"), Token))
                await ImageCopier.CopyAsync(image, target, CopyOptions.Default, progress: null, Token);
            BlobStore copied = BlobStore.Open(layout);
            Assert.All(copied.List(), blob => Assert.Equal(blob.Digest, ContentHash.Of(File.ReadAllBytes(copied.PathOf(blob.Digest)))));
            try
            {
                await using DockerArchiveTarget target =
                    await DockerArchiveTarget.OpenAsync(ArchiveReference.Parse($"docker-archive:{archive}"), cancellationToken: Token);
                await ImageCopier.CopyAsync(image, target, CopyOptions.Default, progress: null, Token);
                return null;
            }
            catch (WinLayersException refused)
            {
                Assert.False(File.Exists(archive), "A refused archive is there.");
                return refused;
            }
        }
        finally
        {
            if (Directory.Exists(layout))
                Directory.Delete(layout, recursive: true);
            File.Delete(archive);
        }
    }

    private static Stream OpenTar(LayerCase layer) => Decompression.Open(new MemoryStream(layer.Blob, writable: false), "the case");

    private static LayerListing Listing(string name, Func<Stream> open) => LayerListing.FromTar(name, open);

    private static string Show(CorpusBed bed, MergedView view)
    {
        string outside = Path.Combine(bed.Work, "extracted"), destination = Path.Combine(outside, "in");
        Directory.CreateDirectory(outside);
        try
        {
            List<string> lines = [];
            foreach (MergedEntry entry in view.Walk())
            {
                bool isRead = !entry.IsBroken && entry.ContentLayer >= 0;
                string text = isRead ? Read(view, entry) : "";
                lines.Add($"{entry.Path.ToTarName()}{(entry.IsDirectory ? "/" : "")}{(entry.IsReparsePoint ? "@" : "")}{(entry.IsDirectory ? "" : "=")}{text}{(entry.IsBroken ? "!" : "")}");
            }

            foreach (string root in new[] { "Files", "Hives", "UtilityVM" })
            {
                if (view.Find(LayerPath.Parse(root)) is not null)
                    MergedExtractor.Extract(view, LayerPath.Parse(root), Path.Combine(destination, root),
                        new ExtractOptions { SymbolicLinks = true, Overwrite = true }, cancellationToken: Token);
            }

            return string.Join(' ', lines);
        }
        finally
        {
            Assert.All(Directory.EnumerateFileSystemEntries(outside), path => Assert.Equal(destination, path));
            Directory.Delete(outside, recursive: true);
        }
    }

    private static string Read(MergedView view, MergedEntry entry)
    {
        using OpenContent content = view.OpenContent(entry);
        var text = new StringBuilder(entry.IsDirectory ? "" : Text(content.Data));
        while (content.NextStream() is { } stream)
            text.Append(':').Append(stream.Name).Append('=').Append(Text(stream.Data));
        return text.ToString();
    }

    private static string Text(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string text = reader.ReadToEnd();
        return text.Length > 40 ? $"({text.Length})" : text;
    }
}
