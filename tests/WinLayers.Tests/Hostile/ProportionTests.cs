using System.Buffers.Text;
using System.Globalization;
using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Linting;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Unpacking;
using WinLayers.Views;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Tests.Hostile;

/// <summary>Small images that stand for much: what they cost stays in proportion to their bytes, whatever they say.</summary>
[Collection(nameof(RunsAlone))]
public sealed class ProportionTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EqualValuesInEveryEntry_AreKeptOnce()
    {
        // 60 kB of attributes and 16 kB of reparse data in each of 1,000 entries: 100 MB of tar, and no more in the layer than one of each.
        byte[] reparse = HostileTars.Reparse(16 << 10);
        LayerTar tar = LayerTar.New().Directory("Files").Directory("Hives");
        for (int i = 0; i < 1000; i++)
            tar.File(Name(i), "", Pax.ExtendedAttribute("A", new byte[60_000]), Pax.Reparse(reparse));
        byte[] bytes = tar.ToArray();

        string folder = "";
        await Budget.WithinAsync(TimeSpan.FromSeconds(10), megabytes: 100, async () =>
            folder = (await bed.UnpackAsync(CorpusImage.Of((bytes, TestBytes.Compress(bytes))))).Layers[0].Layer.Folder);

        Assert.InRange(new FileInfo(Path.Combine(folder, "layer.jsonl")).Length, 100_000, 500_000);
        using PortableTree layer = PortableTree.Open(folder);
        FileMetadata last = layer.ReadMetadata(LayerPath.Parse(Name(999)));
        Assert.Equal(60_000, Assert.Single(last.ExtendedAttributes!.Items).Value.Length);
        Assert.Equal(reparse, last.Reparse!.Buffer.ToArray());
    }

    [Fact]
    public void ValuesOfTheirOwnInEveryEntry_AreNotHeldByAView()
    {
        // One member whose values are written anew each time: what the test itself throws away would count too.
        static IEnumerable<byte[]> Members()
        {
            byte[] member = LayerTar.New()
                .File("x", "", ("path", "Files/0000"), Pax.ExtendedAttribute("A", new byte[60_000]), Pax.Security(Descriptor(0)))
                    .ToUnfinished();
            int path = member.AsSpan().IndexOf("Files/0000"u8), value = member.AsSpan().IndexOf(".A="u8) + 3,
                security = member.AsSpan().IndexOf("rawsd="u8) + 6;
            byte[] plain = new byte[60_000], descriptor = Descriptor(0);
            for (int i = 0; i < 2000; i++)
            {
                BitConverter.TryWriteBytes(plain, i);
                BitConverter.TryWriteBytes(descriptor.AsSpan(1000), i);
                Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Files/{i:0000}"), member.AsSpan(path));
                Base64.EncodeToUtf8(plain, member.AsSpan(value), out _, out _);
                Base64.EncodeToUtf8(descriptor, member.AsSpan(security), out _, out _);
                yield return member;
            }
        }

        MergedView view = null!;
        Budget.Within(TimeSpan.FromSeconds(10), megabytes: 50,
            () => view = MergedView.Build([LayerListing.FromTar("layer", () => new GeneratedTar(Members()))], Token));

        MergedEntry entry = view.Find(LayerPath.Parse(Name(1234)))!;
        Assert.Equal((null, null), (entry.Metadata.ExtendedAttributes, entry.Metadata.Security));
        FileMetadata all = view.ReadMetadata(entry);
        Assert.Equal(1234, BitConverter.ToInt32(all.ExtendedAttributes!.Items[0].Value.Span));
        Assert.Equal(Descriptor(1234), all.Security!.Bytes.ToArray());
        Assert.Equal(entry.Metadata, all with { ExtendedAttributes = null, Security = null });
    }

    [Fact]
    public void ImpliedDirectories_HaveASmallCap_InEveryOperation()
    {
        // 66 names of 2 kB, which are 66,000 directories.
        byte[] tar = Deep(66).ToArray();
        Assert.InRange(TestBytes.Compress(tar).Length, 0, 4000);
        using var volume = new DiscardingVolume();
        Budget.Within(TimeSpan.FromSeconds(10), megabytes: 100, () =>
        {
            Assert.Equal(LayerRules.ImpliedDirectories, Refused(() => Write(new BaseLayerWriter(volume), tar)).Rule);
            Assert.Equal(LayerRules.ImpliedDirectories, Refused(() => Write(new DiffLayerWriter(volume, volume, []), tar)).Rule);
            Assert.Equal(LayerRules.ImpliedDirectories,
                Refused(() => MergedView.Build([LayerListing.FromTar("layer", () => new MemoryStream(tar))], Token)).Rule);
            Assert.Equal([LayerRules.ImpliedDirectories], ErrorsOf(tar, limits: null));
        });
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void ImpliedDirectories_AtTheirLimit_PassLintAndUnpackAlike(int beyond, bool isRefused)
    {
        byte[] tar = LayerTar.New().File("Files/a/b/c").File("Files/a/d/e").Directory("Files/a").ToArray();
        var limits = new LayerLimits { ImpliedDirectories = 4 + beyond };
        using var volume = new DiscardingVolume();
        Exception? refused = Record.Exception(() => Write(new BaseLayerWriter(volume, limits), tar, limits));
        Assert.Equal(isRefused ? LayerRules.ImpliedDirectories : null, (refused as LayerRefusedException)?.Rule);
        Assert.Equal(isRefused ? [LayerRules.ImpliedDirectories] : [], ErrorsOf(tar, limits));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void OpaqueMarkers_BelowManyDirectories_AreImpliedToo(int beyond, bool isRefused)
    {
        // Files and three more on the way to the markers; those that lie in a marked directory say nothing.
        byte[] tar = LayerTar.New().Opaque("Files/a/b/c").Opaque("Files/a/d/e").Opaque("Files/f").Opaque("Files/f/g/h").ToArray();
        var limits = new LayerLimits { ImpliedDirectories = 4 + beyond };
        using var volume = new DiscardingVolume();
        Exception? refused = Record.Exception(() => Write(new DiffLayerWriter(volume, volume, [], limits), tar, limits));
        Assert.Equal(isRefused ? LayerRules.ImpliedDirectories : null, (refused as LayerRefusedException)?.Rule);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void ImpliedDirectories_CountAsEntries(int beyond, bool isRefused)
    {
        byte[] tar = LayerTar.New().File("Files/a/b/c").ToArray();
        var limits = new LayerLimits { Entries = 4 + beyond };
        using var volume = new DiscardingVolume();
        Exception? refused = Record.Exception(() => Write(new BaseLayerWriter(volume, limits), tar, limits));
        Assert.Equal(isRefused ? TarRules.EntryCount : null, (refused as LayerRefusedException)?.Rule);
    }

    [Fact]
    public async Task ImpliedDirectories_OverTheirLimit_LeaveNothing()
    {
        byte[] tar = Deep(3).ToArray();
        string before = bed.Snapshot();
        var unpacker = new ImageUnpacker(bed.Store, PortableLayerHost.Instance,
            new UnpackOptions { Limits = new LayerLimits { ImpliedDirectories = 2500 } });

        LayerRefusedException refused = await Assert.ThrowsAsync<LayerRefusedException>(
            () => unpacker.UnpackAsync(CorpusImage.Of((tar, tar)), cancellationToken: Token));

        Assert.Equal(LayerRules.ImpliedDirectories, refused.Rule);
        Assert.Equal(before, bed.Snapshot());
        bed.ForgetBlobs();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public async Task FilesThatAlternateBetweenDeepFolders_CostTheirPathsOnly(int folders)
    {
        const int depth = 1000, files = 4000;
        string deep = string.Concat(Enumerable.Repeat("/d", depth));
        LayerTar tar = LayerTar.New().Directory("Files").Directory("Hives");
        for (int i = 0; i < files; i++)
            tar.File(string.Create(CultureInfo.InvariantCulture, $"Files/{i % folders}{(folders > 2 ? deep[..600] : deep)}/{i}"));
        byte[] bytes = tar.ToArray();

        string folder = "";
        await Budget.WithinAsync(TimeSpan.FromSeconds(10), megabytes: 200, async () =>
            folder = (await bed.UnpackAsync(CorpusImage.Of((bytes, TestBytes.Compress(bytes))))).Layers[0].Layer.Folder);
        Budget.Within(TimeSpan.FromSeconds(5), megabytes: 200, () =>
        {
            MergedView view = MergedView.Build([LayerListing.FromTar("layer", () => new MemoryStream(bytes))], Token);
            Assert.Equal(files, view.Walk().Count(entry => !entry.IsDirectory));
        });
        Assert.Equal(files,
            File.ReadLines(Path.Combine(folder, "layer.jsonl"))
            .Count(line => line.Contains("\"kind\":\"file\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, false)]
    public async Task Layers_HaveACap_BeforeAnythingIsFetched(int count, bool isTaken)
    {
        byte[] tar = LayerTar.New().Directory("Files").Directory("Hives").ToArray();
        CorpusImage image = CorpusImage.Of([.. Enumerable.Range(0, count).Select(_ => (tar, tar))]);
        string before = bed.Snapshot();
        Exception? refused = await Record.ExceptionAsync(() => bed.UnpackAsync(image));
        if (isTaken)
        {
            Assert.Null(refused);
            return;
        }

        Assert.Equal(("WCL7006", ManifestFailure.TooManyLayers), (((ManifestException)refused!).Code, ((ManifestException)refused).Reason));
        Assert.Contains("128 layers, 127 are allowed", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, bed.Snapshot());
        ResolvedImage resolved = await ImageResolver.ResolveAsync(image, request: null, Token);
        Assert.Throws<ManifestException>(() => ImageView.OfSource(image, resolved, blobs: null, Token));
        resolved.RequireLayerCount(new LayerLimits { Layers = 128 });
    }

    [Fact]
    public void SmallLayersThatAreOpenTogether_TakeLittleEach()
    {
        List<ILayerTree> trees = [];
        try
        {
            // The first brings what all share.
            PortableLayerHost.Instance.OpenTree(bed.BaseFolder).Dispose();
            long before = GC.GetTotalMemory(forceFullCollection: true);
            for (int i = 0; i < 500; i++)
            {
                trees.Add(PortableLayerHost.Instance.OpenTree(bed.BaseFolder));
                Assert.NotNull(trees[^1].ReadMetadata(LayerPath.Parse("Files/keep.txt")));
            }

            Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / 500, long.MinValue, 40_000);
        }
        finally
        {
            foreach (ILayerTree tree in trees)
                tree.Dispose();
        }
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"Files/{i}");

    private static byte[] Descriptor(int number)
    {
        byte[] descriptor = HostileTars.Descriptor(60_000);
        BitConverter.TryWriteBytes(descriptor.AsSpan(1000), number);
        return descriptor;
    }

    private static LayerTar Deep(int names)
    {
        string deep = string.Concat(Enumerable.Repeat("/d", 999));
        LayerTar tar = LayerTar.New().Directory("Files").Directory("Hives");
        for (int i = 0; i < names; i++)
            tar.File(string.Create(CultureInfo.InvariantCulture, $"Files/{i}{deep}/f"));
        return tar;
    }

    private static void Write(LayerWriter writer, byte[] tar, LayerLimits? limits = null)
    {
        using var reader = new LayerTarReader(new MemoryStream(tar), limits);
        while (reader.Read() is { } entry)
            writer.Add(entry);
        writer.Complete();
    }

    private static LayerRefusedException Refused(Action work) => Assert.Throws<LayerRefusedException>(work);

    private static IEnumerable<LayerRule> ErrorsOf(byte[] tar, LayerLimits? limits) =>
        LayerLinter.Lint(new MemoryStream(tar), parents: [], limits)
            .Where(finding => finding.Severity is RuleSeverity.Error).Select(finding => finding.Rule).Distinct();
}
