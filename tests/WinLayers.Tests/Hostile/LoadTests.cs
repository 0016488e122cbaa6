using System.Globalization;
using WinLayers.Formats;
using WinLayers.Formats.Tar;
using WinLayers.Linting;
using WinLayers.Testing;
using WinLayers.Views;
using WinLayers.Writing;

namespace WinLayers.Tests.Hostile;

/// <summary>
/// Layers that are made to cost much. The budgets are many times what a quiet machine needs, and a small part of what a cost that grows
/// with the square of the input would need.
/// </summary>
[Collection(nameof(RunsAlone))]
public sealed class LoadTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private const int Entries = 100_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void ManyNamesLinksAndWhiteouts_AreLinted_InTimeAndMemory() => Budget.Within(TimeSpan.FromSeconds(15), megabytes: 400, () =>
    {
        List<LayerFinding> errors =
            [.. LayerLinter.Lint(Crowd(), parents: null)
            .Where(finding =>
            finding.Severity is RuleSeverity.Error && finding.Rule != LayerRules.LinkOrder)];
        Assert.Empty(errors);
    });

    [Fact]
    public void ManyNamesLinksAndWhiteouts_AreMerged_InTimeAndMemory() => Budget.Within(TimeSpan.FromSeconds(15), megabytes: 400, () =>
    {
        MergedView view = MergedView.Build([LayerListing.FromTar("base", Crowd), LayerListing.FromTar("diff", Crowd)], Token);
        Assert.InRange(view.Walk().Count(), Entries / 2, Entries);
    });

    [Fact]
    public void ManyNamesLinksAndWhiteouts_AreWritten_InTimeAndMemory() => Budget.Within(TimeSpan.FromSeconds(15), megabytes: 400, () =>
    {
        using LayerChainTrees parents = bed.OpenParents(isDiff: true);
        using var volume = new DiscardingVolume();
        var writer = new DiffLayerWriter(volume, volume, parents.All);
        using var reader = new LayerTarReader(Crowd());
        while (reader.Read() is { } entry)
            writer.Add(entry);
        writer.Complete();
        Assert.Equal(Entries, writer.EntryCount);
    });

    [Fact]
    public void AMillionPaxRecords_AreRead_InTimeAndMemory() => Budget.Within(TimeSpan.FromSeconds(10), megabytes: 100, () =>
    {
        // 100,000 in each of ten headers, each just under its cap.
        byte[] records = [.. Enumerable.Range(0, 100_000).SelectMany(i => (byte[])[.. "9 k"u8, (byte)('a' + (i % 26)), .. "=vvv\n"u8])];
        using var reader =
            new LayerTarReader(
            new GeneratedTar(
            Enumerable.Range(0, 10).Select(i => LayerTar.New().Add(new TarSpec { Name = $"Files/{i}", RawPax = records }).ToUnfinished())));
        int count = 0;
        while (reader.Read() is not null)
            count++;
        Assert.Equal(10, count);
    });

    [Fact]
    public void ManyStreamsOfOneFile_AreRead_InTimeAndMemory() => Budget.Within(TimeSpan.FromSeconds(10), megabytes: 200, () =>
    {
        using var reader =
            new LayerTarReader(
            new GeneratedTar(
            Enumerable.Range(0, 50_000).Select(i => GeneratedTar.Member('0', string.Create(CultureInfo.InvariantCulture, $"Files/a:{i}")))
            .Prepend(GeneratedTar.Member('0', "Files/a"))));
        LayerEntry entry = reader.Read()!;
        int count = 0;
        while (entry.Content.NextStream() is not null)
            count++;
        Assert.Equal(50_000, count);
    });

    [Fact]
    public async Task TheDeepestAndLongestPaths_AreUnpacked_InTimeAndMemory()
    {
        LayerTar tar = LayerTar.New();
        for (int i = 0; i < 4; i++)
            tar.File($"Files/{i}" + string.Concat(Enumerable.Repeat("/" + new string('d', 29), 1021)), "deep");
        byte[] bytes = tar.ToArray();

        await Budget.WithinAsync(TimeSpan.FromSeconds(20), megabytes: 300, () => bed.UnpackAsync(CorpusImage.Of((bytes, bytes))));
    }

    private static GeneratedTar Crowd() => new(GeneratedTar.Crowd(Entries, links: Entries / 10, whiteouts: Entries / 10));
}

/// <summary>Tests that measure: no other test runs meanwhile.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
