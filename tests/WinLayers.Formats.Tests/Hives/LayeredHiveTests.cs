using WinLayers.Formats.Hives;
using WinLayers.Testing.Hives;

namespace WinLayers.Formats.Tests.Hives;

/// <summary>
/// The view over a chain. Every expectation follows from the rule, not from what the code says: from the top, 0 takes and goes on,
/// 1 stops, 3 takes and stops, 2 takes, hides the values below and goes on for subkeys.
/// </summary>
public sealed class LayeredHiveTests : IDisposable
{
    private const byte Merge = 0, Tombstone = 1, SupersedeLocal = 2, SupersedeTree = 3, InheritClass = 0x80;

    private static readonly KeySpec Base = new(
        "B",
        new KeySpec("Software", new KeySpec("Old"), new KeySpec("Kept") { Values = [ValueSpec.Number("k", 1)] })
        {
            Values = [ValueSpec.Number("a", 1), ValueSpec.Number("b", 1)],
            Class = "base",
            Time = 500,
        },
        new KeySpec("Untouched"));

    private readonly List<Hive> _open = [];

    public void Dispose() => _open.ForEach(hive => hive.Dispose());

    [Fact]
    public void Merge_TopWins_LowerStays()
    {
        LayeredHive view = Over(Base, Layer(Software(Merge, new KeySpec("New")) with
        {
            Values = [ValueSpec.Number("A", 2), ValueSpec.Number("c", 2)],
            Time = 400,
        }));

        Assert.Equal(["", "Software:0", @"Software\Kept:1", @"Software\New:0", @"Software\Old:1", "Untouched:1"], Keys(view));
        Assert.Equal(["A=2:0", "b=1:1", "c=2:0"], Values(view, "software"));
        Assert.Equal(500, view.Find("Software")!.LastWrite.Ticks);
        Assert.Equal(132_000_000_000_000_000, view.Root!.LastWrite.Ticks);
    }

    [Fact]
    public void Tombstone_HidesTheKeyAndAllBelowIt()
    {
        LayeredHive view = Over(Base, Layer(Software(Tombstone)));

        Assert.Equal(["", "Untouched:1"], Keys(view));
        Assert.Null(view.Find(@"Software\Old"));
    }

    [Fact]
    public void Tombstone_OverAnAddedKey_ThenAddedAgain_ShowsOnlyTheTop()
    {
        LayeredHive view = Over(Base, Layer(Software(Tombstone)), Layer(Software(Merge) with { Values = [ValueSpec.Number("z", 3)] }));

        Assert.Equal(["", "Software:0", "Untouched:2"], Keys(view));
        Assert.Equal(["z=3:0"], Values(view, "Software"));
    }

    [Fact]
    public void SupersedeTree_HidesValuesAndSubkeysBelow()
    {
        LayeredHive view = Over(Base, Layer(Software(SupersedeTree, new KeySpec("New") { LayerBits = SupersedeTree })));

        Assert.Equal(["", "Software:0", @"Software\New:0", "Untouched:1"], Keys(view));
        Assert.Empty(Values(view, "Software"));
    }

    [Fact]
    public void SupersedeTree_ChildThatMerges_HasNothingBelowItEither()
    {
        LayeredHive view = Over(Base, Layer(Software(SupersedeTree, new KeySpec("Kept"))));

        Assert.Equal(["", "Software:0", @"Software\Kept:0", "Untouched:1"], Keys(view));
        Assert.Empty(Values(view, @"Software\Kept"));
    }

    [Fact]
    public void SupersedeLocal_HidesValues_NotSubkeys()
    {
        LayeredHive view = Over(Base, Layer(Software(SupersedeLocal, new KeySpec("New")) with { Values = [ValueSpec.Number("b", 9)] }));

        Assert.Equal(["", "Software:0", @"Software\Kept:1", @"Software\New:0", @"Software\Old:1", "Untouched:1"], Keys(view));
        Assert.Equal(["b=9:0"], Values(view, "Software"));
        Assert.Equal(["k=1:1"], Values(view, @"Software\Kept"));
        Assert.Equal(KeyLayering.SupersedeLocal, view.Find("Software")!.Parts[0].Key.Layering);
    }

    [Fact]
    public void ValueTombstone_HidesTheValueBelow_UntilItIsSetAgain()
    {
        KeySpec removes = Software(Merge) with { Values = [ValueSpec.Tombstone("A")] };
        KeySpec sets = Software(Merge) with { Values = [ValueSpec.Number("a", 7)] };

        Assert.Equal(["b=1:1"], Values(Over(Base, Layer(removes)), "Software"));
        Assert.Null(Over(Base, Layer(removes)).Find("Software")!.FindValue("a"));
        Assert.Equal(["a=7:0", "b=1:2"], Values(Over(Base, Layer(removes), Layer(sets)), "Software"));
        Assert.Equal(["b=1:2"], Values(Over(Base, Layer(sets), Layer(removes)), "Software"));
    }

    [Fact]
    public void Class_Inherited_IsThatOfTheNextThatHasItsOwn()
    {
        KeySpec inherits = Software(InheritClass), own = Software(Merge) with { Class = "own" };

        Assert.Equal("base", Over(Base, Layer(inherits)).Find("Software")!.ClassName);
        Assert.Equal("own", Over(Base, Layer(own), Layer(inherits)).Find("Software")!.ClassName);
        Assert.Null(Over(Base, Layer(Software(Merge)), Layer(inherits)).Find("Software")!.ClassName);
    }

    [Fact]
    public void Layer_WithoutTheHive_LetsTheOneBelowThrough()
    {
        Hive hive = Open(HiveBuilder.Write(Base));
        LayeredHive view = new([null, hive, null]);

        Assert.Equal(["", @"Software:1", @"Software\Kept:1", @"Software\Old:1", "Untouched:1"], Keys(view));
        Assert.Null(new LayeredHive([null, null]).Root);
        Assert.Null(new LayeredHive([null]).Find("Software"));
    }

    [Fact]
    public void Bits_OfAHiveThatIsNotLayered_MeanNothing()
    {
        KeySpec odd = Base with { Keys = [Base.Keys[0] with { LayerBits = Tombstone }] };

        Assert.NotNull(Over(odd).Find(@"Software\Old"));
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void Chain_Length_IsBounded(int length, bool isTaken)
    {
        Hive?[] chain = [.. Enumerable.Repeat<Hive?>(null, length)];

        if (isTaken)
            Assert.Null(new LayeredHive(chain).Root);
        else
            Assert.Throws<ArgumentException>(() => new LayeredHive(chain));
    }

    private static KeySpec Software(byte bits, params KeySpec[] keys) => new("SOFTWARE", keys) { LayerBits = bits, Time = 1 };

    private static KeySpec Layer(KeySpec key) => new("L", key) { LayerBits = InheritClass };

    // The base first, as layers are made; the chain has it last.
    private LayeredHive Over(KeySpec below, params KeySpec[] layers) =>
        new([.. layers.Select(layer => Open(HiveBuilder.Write(layer, isLayered: true))).Reverse(), Open(HiveBuilder.Write(below))]);

    private Hive Open(byte[] file)
    {
        Hive hive = Hive.Open(new MemoryStream(file));
        _open.Add(hive);
        return hive;
    }

    // In the spelling of the tests, since the top layer spells SOFTWARE in capitals.
    private static string[] Keys(LayeredHive view) =>
        [.. view.EnumerateKeys().Select(key => key.Path.Length == 0 ? "" : $"{key.Path.Replace("SOFTWARE", "Software")}:{key.Layer}")];

    private static string[] Values(LayeredHive view, string path) =>
        [.. view.Find(path)!.EnumerateValues().Select(value => $"{value.Value.Name}={value.Value.Read().Number}:{value.Layer}").Order()];
}
