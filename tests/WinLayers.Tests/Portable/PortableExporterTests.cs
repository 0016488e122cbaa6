using System.Text.Json.Nodes;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Oci;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Samples;
using WinLayers.Testing;
using WinLayers.Tests.Writing;
using WinLayers.Transport;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Tests.Portable;

/// <summary>An exported layer, unpacked again over the same layers, is the same layer.</summary>
public sealed class PortableExporterTests : IDisposable
{
    private readonly TestLayers _layers = new();
    private readonly Dictionary<string, PortableTree> _unpacked = new(StringComparer.Ordinal);

    public static TheoryData<string> Cases => [.. GoldenLayers.Names.Where(name => !GoldenLayers.IsRefused(GoldenLayers.Expected(name)))];

    public void Dispose()
    {
        foreach (PortableTree tree in _unpacked.Values)
            tree.Dispose();
        _layers.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Export_RecordedLayer_UnpacksToTheSameLayer(string name) => CheckRoundTrip(UnpackRecorded(name), ParentsOf(name));

    [Fact]
    public async Task Export_SampleImage_UnpacksToTheSameLayers()
    {
        IImageSource source = await ImageTransports.Standard().WithSamples().OpenAsync("sample:", TestContext.Current.CancellationToken);
        ResolvedImage image = await ImageResolver.ResolveAsync(source, request: null, TestContext.Current.CancellationToken);
        List<ILayerTree> parents = [];
        foreach (ResolvedLayer layer in image.Layers)
        {
            Stream blob = await source.OpenBlobAsync(layer.Descriptor, offset: 0, TestContext.Current.CancellationToken);
            PortableTree tree;
            using (Stream tar = Decompression.Open(blob, layer.Descriptor.MediaType))
                tree = Unpack($"sample{layer.Position}", tar, parents);
            CheckRoundTrip(tree, parents);
            parents.Insert(0, tree);
        }
    }

    [Fact]
    public void Export_WhatTheLayerTookBackItself_StaysOut()
    {
        PortableTree lower = Unpack("lower", LayerTar.New().Directory("Files").File("Files/old", "old").Directory("Hives"), []);
        LayerTar changes =
            LayerTar.New().File("Files/sub/x", "x").File("Files/over", "own").HardLink("Files/kept", "Files/old").File("Files/old", "new")
            .Whiteout("Files/mine").File("Files/mine", "gone").HardLink("Files/over", "Files/sub/x").Directory("Files/sub");
        PortableTree upper = Unpack("upper", changes, [lower]);
        Assert.Equal("old", upper.Text("Files\\kept"));

        using var tar = new MemoryStream(Export(upper, [lower]));
        PortableTree again = Unpack("again", tar, [lower]);

        Assert.Equal(["old", "new", "x", "x"], new[] { "kept", "old", "over", "sub\\x" }.Select(file => again.Text("Files\\" + file)));
        Assert.Null(again.Find(LayerPath.Parse("Files/mine")));
        Assert.Contains(again.ReadEntries(), entry => entry.Kind == LayerIndexKind.Removed && entry.Path == LayerPath.Parse("Files/mine"));
        Assert.Equal(tar.ToArray(), Export(again, [lower]));
    }

    [Theory]
    [InlineData("diff-utilityvm")]
    public void Export_UtilityVmWithoutTheLayersBelow_IsRefused(string name)
    {
        PortableTree layer = UnpackRecorded(name);
        using PortableTree other =
            _layers.Make("other", volume => volume.Dir("Files").Dir("UtilityVM").Dir("UtilityVM\\Files").File("UtilityVM\\Files\\other"));

        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => Export(layer, [other]));

        Assert.Equal(ExportRules.Parents, refused.Rule);
    }

    private void CheckRoundTrip(PortableTree tree, IReadOnlyList<ILayerTree> parents)
    {
        byte[] tar = Export(tree, parents);
        PortableTree again = Unpack(Path.GetFileName(tree.Location) + "-again", new MemoryStream(tar), parents);

        Assert.Equal(EntriesOf(tree), EntriesOf(again));
        Assert.Equal(tar, Export(again, parents));
    }

    private static byte[] Export(PortableTree tree, IReadOnlyList<ILayerTree> parents)
    {
        using var tar = new MemoryStream();
        PortableExporter.Export(tree, parents, tar);
        return tar.ToArray();
    }

    // The lines as they are on the disk, but for those that say which layer it is, and for links within the layer, which name it.
    private static List<string> EntriesOf(PortableTree tree) =>
        [.. File.ReadLines(Path.Combine(tree.Location, "layer.jsonl")).Skip(1).SkipLast(1)
            .Select(line => line.Replace(tree.Identity.ChainId.ToString(), "this", StringComparison.Ordinal))];

    private PortableTree UnpackRecorded(string name)
    {
        if (_unpacked.TryGetValue(name, out PortableTree? known))
            return known;
        using FileStream tar = GoldenLayers.Open(name);
        return Unpack(name, tar, ParentsOf(name));
    }

    private List<ILayerTree> ParentsOf(string name) =>
        [.. (GoldenLayers.Expected(name)["parents"] as JsonArray ?? []).Select(parent => UnpackRecorded((string)parent!))];

    private PortableTree Unpack(string name, LayerTar tar, IReadOnlyList<ILayerTree> parents) =>
        Unpack(name, new MemoryStream(tar.ToArray()), parents);

    private PortableTree Unpack(string name, Stream tar, IReadOnlyList<ILayerTree> parents)
    {
        using (PortableVolume volume = _layers.Volume(name))
        {
            LayerWriter writer = parents.Count == 0 ? new BaseLayerWriter(volume) : new DiffLayerWriter(volume, volume, parents);
            using var reader = new LayerTarReader(tar);
            while (reader.Read() is { } entry)
                writer.Add(entry);
            writer.Complete();
        }

        return _unpacked[name] = _layers.Tree(name);
    }
}
