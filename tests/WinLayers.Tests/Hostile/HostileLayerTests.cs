namespace WinLayers.Tests.Hostile;

/// <summary>Whatever is wrong with a layer: one error with its code, and everything is as it was before.</summary>
public sealed class HostileLayerTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private static readonly Dictionary<string, LayerCase> Cases =
        new[] { HostileShapes.All(), HostileTars.All(), HostileBlobs.All() }.SelectMany(cases => cases)
            .ToDictionary(layer => layer.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Fact]
    public void Corpus_HasItsSize() => Assert.InRange(Cases.Count, 150, int.MaxValue);

    [Theory]
    [MemberData(nameof(Names))]
    public Task HostileLayer_IsRefusedByEveryOperation_AndNothingIsTouched(string name) => HostileRun.AssertRefusedAsync(bed, Cases[name]);
}

/// <summary>An unsafe name, wherever a tar can have one: one error with its code, and everything is as it was before.</summary>
public sealed class HostileNameTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private static readonly Dictionary<string, LayerCase> Cases =
        HostileNames.All().ToDictionary(layer => layer.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public Task HostileName_IsRefusedByEveryOperation_AndNothingIsTouched(string name) =>
        // A copy does not look at names: every tenth is enough.
        HostileRun.AssertRefusedAsync(bed, Cases[name], isCopied: name.Length % 10 == 0);
}
