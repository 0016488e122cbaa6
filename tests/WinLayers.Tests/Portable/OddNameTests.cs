using System.Text.Json;
using WinLayers.Hosts;
using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Testing;

namespace WinLayers.Tests.Portable;

/// <summary>Names in a layer's folder that no layer can have.</summary>
public sealed class OddNameTests : IDisposable
{
    private readonly TestLayers _layers = new();

    // The framework finds no way to such names, so this falls to ours.
    public void Dispose()
    {
        using (HostFolder root = HostFolder.Open(_layers.Root))
            root.RemoveContents();
        _layers.Dispose();
    }

    [Fact]
    public void Destroy_LayerWithPlantedNamesThatAreNoUtf8_LeavesNothing()
    {
        string layer = MakeOddNames();

        PortableLayerHost.Instance.Destroy(layer);

        Assert.False(Path.Exists(layer));
    }

    [Fact]
    public void Verify_PlantedNamesThatAreNoUtf8_AreReportedAsExtra()
    {
        _layers.Make("a", volume => volume.Dir("Files")).Dispose();
        string layer = MakeOddNames();
        PortableVerifier verifier = new(layer, []);

        IReadOnlyCollection<LayerProblem> problems = verifier.Verify(expected: null, TestContext.Current.CancellationToken);

        Assert.Equal(OddNames.Count, problems.Count);
        Assert.All(problems, problem => Assert.Equal(LayerProblemKind.Extra, problem.Kind));
        Assert.All(problems, problem =>
        {
            string? shown = JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(problem.Path));
            Assert.StartsWith("Files\\", shown, StringComparison.Ordinal);
        });
    }

    private string MakeOddNames()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "file systems elsewhere hold no such names");
        string layer = _layers.Folder("a");
        OddNames.MakeIn(Path.Combine(layer, "Files"));
        return layer;
    }
}
