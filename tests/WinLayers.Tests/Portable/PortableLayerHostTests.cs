using WinLayers.Hosts;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Volumes;
using static WinLayers.Testing.TestLayers;

namespace WinLayers.Tests.Portable;

public sealed class PortableLayerHostTests : IDisposable
{
    private readonly TestLayers _layers = new();

    private static PortableLayerHost Host => PortableLayerHost.Instance;

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void Verify_LinkIntoALowerLayerThatIsAFileOfItsOwn_IsBroken()
    {
        LayerChain parents = MakeLinked();
        Assert.Empty(Verify(parents).Problems);
        string link = Path.Combine(_layers.Root, "top", "Files", "l");
        File.Delete(link);
        File.WriteAllText(link, "below");

        LayerProblem problem = Assert.Single(Verify(parents).Problems);

        Assert.Equal((LayerProblemKind.LinkBroken, @"Files\l"), (problem.Kind, problem.Path));
        Assert.Empty(Verify([]).Problems);
    }

    [Fact]
    public void Verify_TellsWhatWasReadAndHowFarItIs()
    {
        MakeLinked();
        long last = 0;

        LayerVerification found =
            Host.Verify(Folder("bottom"), [], Identity("bottom"), new Last(value => last = value), TestContext.Current.CancellationToken);

        Assert.True(found.IsCompared);
        Assert.Equal((1, 5), (found.Files, found.Bytes));
        Assert.Equal(5, last);
    }

    [Fact]
    public void Verify_AnotherLayerThanExpected_IsDamage()
    {
        MakeLinked();
        LayerVerification found =
            Host.Verify(Folder("bottom"), [], Identity("other"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(LayerProblemKind.Damaged, Assert.Single(found.Problems).Kind);
    }

    [Fact]
    public void Export_ParentsFromTheLayerItself_IsTheSameTar()
    {
        LayerChain parents = MakeLinked();
        using MemoryStream given = new(), known = new();

        Host.Export(Folder("top"), given, _layers.Root, parents);
        parents.WriteFile(Folder("top"));
        Host.Export(Folder("top"), known, _layers.Root);

        Assert.NotEqual(0, given.Length);
        Assert.Equal(given.ToArray(), known.ToArray());
    }

    private LayerVerification Verify(LayerChain parents) =>
        Host.Verify(Folder("top"), parents, Identity("top"), cancellationToken: TestContext.Current.CancellationToken);

    private string Folder(string name) => Path.Combine(_layers.Root, name);

    // The one in the middle is not the link's target, and its name is no chain id.
    private LayerChain MakeLinked()
    {
        using PortableTree bottom = _layers.Make("bottom", volume => volume.Dir("Files").File(@"Files\f", "below"));
        _layers.Make("middle", volume => volume.Dir("Files")).Dispose();
        _layers.Make("top", volume => volume.Dir("Files").Link(@"Files\l", @"Files\f", bottom)).Dispose();
        return [Folder("middle"), Folder("bottom")];
    }

    private sealed class Last(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
