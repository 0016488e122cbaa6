using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Linting;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Transport;
using WinLayers.Views;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Tests.Hostile;

/// <summary>Opaque markers by the ten thousand: each costs at most itself, and all of them remove what is below once.</summary>
[Collection(nameof(RunsAlone))]
public sealed class OpaqueLoadTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private const int Files = 49_998;
    private const int Markers = Files;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(8);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void ManyOpaqueMarkers_AreLinted_InTimeAndMemory() => Budget.Within(Time, megabytes: 400, () =>
    {
        Assert.Equal(2 * Markers, LayerLinter.Lint(Above(), parents: null).Count(finding => finding.Rule == LayerRules.OpaqueDirectory));
        var image = new ImageLinter();
        Assert.DoesNotContain(image.LintNext("base", Below()), IsError);
        Assert.DoesNotContain(image.LintNext("diff", Above()), IsError);
    });

    [Fact]
    public void ManyOpaqueMarkers_AreMerged_InTimeAndMemory() => Budget.Within(Time, megabytes: 400, () =>
    {
        MergedView view = MergedView.Build([LayerListing.FromTar("base", Below), LayerListing.FromTar("diff", Above)], Token);
        Assert.DoesNotContain(view.Walk(), entry => !entry.IsDirectory && entry.Path.Name.StartsWith("old"));
        Assert.Equal(2 * Files, view.Walk().Count(entry => !entry.IsDirectory));
    });

    [Fact]
    public void ManyOpaqueMarkers_AreWritten_InTimeAndMemory_AndRemoveEachThingOnce() => Budget.Within(Time, megabytes: 400, () =>
    {
        using var volume = new RemovalsVolume();
        var writer = new DiffLayerWriter(volume, volume, [NamesOf(Below())], volume, limits: null);
        using var reader = new LayerTarReader(Above());
        while (reader.Read() is { } entry)
            writer.Add(entry);
        writer.Complete();

        // In Files and in the Utility VM: every old file, and what lies in the directories that the layer has nothing in.
        Assert.Equal(2 * (Files + (Files / 3)), volume.Removed.Count);
        Assert.Distinct(volume.Removed);
    });

    [Fact]
    public async Task ManyOpaqueMarkers_AreStagedAndUnpacked_InTimeAndMemory()
    {
        const int count = 6_000;
        byte[] below = Bytes(new GeneratedTar(GeneratedTar.Opaque("Files", count, markers: 0).Append(GeneratedTar.Member('5', "Hives"))));
        byte[] above = Bytes(new GeneratedTar(GeneratedTar.Opaque("Files", count / 10, markers: count)));

        await Budget.WithinAsync(TimeSpan.FromSeconds(20), megabytes: 400, async () =>
        {
            var image = await bed.UnpackAsync(CorpusImage.Of((below, below), (above, above)));
            string unpacked = image.Layers[0].Layer.Folder;
            Assert.InRange((await File.ReadAllLinesAsync(Path.Combine(unpacked, "layer.jsonl"), Token)).Length, count, 3 * count);
            string folder = Path.Combine(bed.Work, "staged-opaque");
            Directory.CreateDirectory(folder);
            using ILayerTree parent = PortableLayerHost.Instance.OpenTree(image.Layers[^1].Layer.Folder);
            StagedLayer staged = LayerStager.Stage(new MemoryStream(above), Path.Combine(folder, "out"), [parent]);
            Assert.Equal(count + (count / 3), staged.Plan.Removals.Count);
            Directory.Delete(folder, recursive: true);
        });
    }

    [Fact]
    public void TheDeepestDirectories_EachOpaque_AreWritten_InTimeAndMemory() => Budget.Within(Time, megabytes: 400, () =>
    {
        const int depth = 1_000;
        LayerTar below = LayerTar.New().Directory("Files"), above = LayerTar.New().Directory("Files");
        for (int i = 1; i <= depth; i++)
        {
            string directory = "Files" + string.Concat(Enumerable.Repeat("/n", i));
            below.Directory(directory).File($"{directory}/old");
            above.Directory(directory).File($"{directory}/new").Opaque(directory);
        }

        using var volume = new RemovalsVolume();
        var writer = new DiffLayerWriter(volume, volume, [NamesOf(below.Open())]);
        using var reader = new LayerTarReader(above.Open());
        while (reader.Read() is { } entry)
            writer.Add(entry);
        writer.Complete();
        Assert.Equal(depth, volume.Removed.Count);
    });

    private static bool IsError(LayerFinding finding) =>
        finding.Severity is RuleSeverity.Error && finding.Rule != LayerRules.OpaqueDirectory;

    private static GeneratedTar Below() => new(
        GeneratedTar.Opaque("Files", Files, markers: 0).Append(GeneratedTar.Member('5', "Hives"))
            .Append(GeneratedTar.Member('5', "UtilityVM")).Concat(GeneratedTar.Opaque("UtilityVM/Files", Files, markers: 0)));

    private static GeneratedTar Above() => new(
        GeneratedTar.Opaque("Files", Files, Markers).Append(GeneratedTar.Member('5', "UtilityVM"))
            .Concat(GeneratedTar.Opaque("UtilityVM/Files", Files, Markers)));

    private static byte[] Bytes(GeneratedTar tar)
    {
        using var bytes = new MemoryStream();
        tar.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static NamesTree NamesOf(Stream tar)
    {
        LayerNames? names = null;
        foreach (LayerFinding _ in LayerLinter.LintEntries(tar, parents: [], limits: null, read => names = read))
        {
        }

        return new NamesTree("below", names!);
    }

    /// <summary>Takes everything, and keeps what is removed.</summary>
    private sealed class RemovalsVolume : ILayerVolume, IUtilityVmTarget
    {
        public List<LayerPath> Removed { get; } = [];

        public string Location => "";

        public VolumeNode? Find(LayerPath path) => null;

        public IEnumerable<VolumeNode> Enumerate(LayerPath directory) => [];

        public FileMetadata ReadMetadata(LayerPath path) => throw new NotSupportedException();

        public OpenContent OpenRead(LayerPath path) => throw new NotSupportedException();

        public void Remove(LayerPath path) => Removed.Add(path);

        public void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
        {
        }

        public void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content)
        {
        }

        public void UpdateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
        {
        }

        public void Link(LayerPath path, LayerPath target, ILayerTree from)
        {
        }

        public void SetDirectoryTimes(LayerPath path, FileAttributes attributes, FileTimes times)
        {
        }

        public void SaveCopy(LayerPath path, string savedName)
        {
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
        }

        public void Start(LayerEntry? entry)
        {
        }

        public void Inherit(ILayerTree parent, VolumeNode node)
        {
        }

        public void Started()
        {
        }

        public void Imply(LayerPath directory)
        {
        }

        public void Apply(LayerEntry entry, EntryStep step)
        {
        }
    }
}
